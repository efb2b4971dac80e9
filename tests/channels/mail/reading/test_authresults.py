"""Authentication-Results (RFC 8601) as servers write it and as strangers would (R22)."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfinbox.channels.mail.reading.authresults import read
from tests.channels.mail.letters import letter
from tests.channels.mail.letters import read as read_letter

# Mail from client@example.org, read by the account that trusts mx.example.com.
AR = "Authentication-Results: mx.example.com; "
GMAIL = (
    "Authentication-Results: mx.example.com;\r\n"
    '       dkim=pass header.i=@example.org header.s=s1 header.b="a/b;c";\r\n'
    "       spf=pass (google.com: domain of client@example.org designates 1.2.3.4 as permitted\r\n"
    " sender) smtp.mailfrom=client@example.org;\r\n"
    "       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=example.org"
)
OUTLOOK = (
    "Authentication-Results: mx.example.com (sender IP is 1.2.3.4) 1; spf=pass\r\n"
    " smtp.mailfrom=example.org; dkim=none (message not signed) header.d=none;"
    "dmarc=bestguesspass action=none header.from=example.org;compauth=pass reason=109"
)


@pytest.mark.parametrize(
    ("lines", "verified"),
    [
        ([GMAIL], True),
        (["AUTHENTICATION-RESULTS: MX.Example.COM; DMARC = Pass header.from = Example.org"], True),
        ([AR + "dmarc/1=pass header.from=example.org"], True),
        (['Authentication-Results: "mx.example.com"; dmarc=pass'], True),
        # No DMARC record: a signature of the domain itself, and nothing less.
        ([OUTLOOK], False),
        ([AR + "dmarc=none; dkim=pass header.d=example.org"], True),
        ([AR + "dkim=fail header.d=example.org; dkim=pass header.d=example.org"], True),
        ([AR + "dkim=pass header.d=evil.org; dkim=pass header.d=org"], False),
        ([AR + "dkim=pass; spf=pass smtp.mailfrom=client@example.org"], False),
        ([AR + "dmarc=none; spf=pass smtp.mailfrom=client@example.org"], False),
        ([AR + "dkim=pass header.d=notexample.org"], False),
        # A record that fails is not mended by anything.
        ([AR + "dmarc=fail; dkim=pass header.d=example.org"], False),
        ([AR + "dmarc=temperror; dkim=pass header.d=example.org"], False),
        ([AR + "dmarc=pass; dmarc=fail"], False),
        ([AR + "dmarc=pass header.from=evil.org"], False),
        ([AR + "dmarc=pass header.from=evil.org header.from=example.org"], False),
        # Forged ones: below our server's, by another name, as part of a longer one.
        ([AR + "dmarc=fail", AR + "dmarc=pass"], False),
        ([AR + "spf=pass", AR + "dmarc=pass"], False),
        (["Received: from x by mx.example.com", AR + "none", AR + "dmarc=pass"], False),
        (["Authentication-Results: mx.example.com.evil.org; dmarc=pass"], False),
        (["Authentication-Results: x; dmarc=pass mx.example.com"], False),
        (["X-Authentication-Results: mx.example.com; dmarc=pass"], False),
        (["ARC-Authentication-Results: i=1; mx.example.com; dmarc=pass"], False),
        # What strangers choose stands in comments and quotes.
        ([AR + "spf=fail (a (b) ; dmarc=pass (c)) smtp.mailfrom=x"], False),
        ([AR + "spf=fail (a \\) ; dmarc=pass ) smtp.mailfrom=x; dmarc=fail"], False),
        ([AR + 'spf=fail smtp.mailfrom="a\\"; dmarc=pass "@x; dmarc=fail'], False),
        ([AR + 'spf=fail smtp.mailfrom="x; dmarc=pass header.from=example.org'], False),
        ([AR + "spf=fail (; dmarc=pass header.from=example.org"], False),
        ([AR + "spf=fail ); dmarc=pass"], False),
        (["Authentication-Results: mx.example.com (;) x; dmarc=pass"], False),
        (["Authentication-Results: ; dmarc=pass"], False),
        (["Authentication-Results:"], False),
    ],
)
def test_r22_who_is_proven(lines: list[str], verified: bool) -> None:
    assert read_letter(letter("x", *lines)).verified is verified


@pytest.mark.parametrize(
    "sender", ["client@example.org, boss@example.org", "a:client@example.org;, boss@evil.org"]
)
def test_r22_several_authors_prove_nobody(sender: str) -> None:
    assert read_letter(letter("x", GMAIL, From=sender)).verified is False


@given(st.text(alphabet='a="();\\ .-@\n\x00é', max_size=200))
def test_r22_any_field_is_read_and_nothing_grows_out_of_a_comment(junk: str) -> None:
    read(junk)
    closed = junk.replace("(", "").replace(")", "").replace("\\", "")
    found = read(f"mx; spf=fail ({closed}); dmarc=fail")
    assert found is not None
    assert [(one.method, one.result) for one in found[1]] == [("spf", "fail"), ("dmarc", "fail")]


def test_a_large_field_takes_no_time() -> None:
    start = time.thread_time()
    for piece in ("(", '"', "=", "a=b;", "\\("):
        read("mx; " + piece * 20_000)
    assert time.thread_time() - start < 1
