"""Authentication-Results (RFC 8601): whether the account's own server proved the From address.

A field is believed for where it stands, not for what it says: only the topmost field with the
configured authserv-id counts, since servers add theirs on top and every lower one may have come
with the mail (RFC 8601 section 5; the server must remove forged ones, section 7.1).
"""

from dataclasses import field

from pfinbox.channels.mail.reading.addresses import parties
from pfinbox.channels.mail.reading.headers import Headers
from pfinbox.domain.contract.party import Party
from pfinbox.record import record

_MAX_RESULTS = 100
_NOT_EVALUATED = ("none", "bestguesspass")  # the latter is Microsoft's word for "no record"


@record
class Result:
    """``dkim=pass header.d=example.com``; all in lower case, property types with their dot."""

    method: str
    result: str
    properties: dict[str, str] = field(default_factory=dict)


def is_verified(headers: Headers, sender: Party, authserv_id: str | None) -> bool | None:
    """None where the account trusts no server, so that nothing can be said."""
    if not authserv_id:
        return None
    # DMARC (RFC 7489, 6.6.1) says nothing about a mail with several authors.
    if len(headers.all("from")) != 1 or len(parties(headers.all("from"))) != 1:
        return False
    for value in headers.all("authentication-results"):
        found = read(value)
        if found is not None and found[0] != authserv_id.lower():
            continue
        if found is None:
            # Whose it is cannot be told: if it is our server's, the next one is not.
            return False
        return proves(found[1], sender.value.rpartition("@")[2])
    return False


def proves(results: list[Result], domain: str) -> bool:
    """Whether these results prove mail from ``domain``.

    dmarc=pass does. Where the domain has no DMARC record (dmarc=none, or the server does not look
    for one), a valid signature of the domain itself or one above it is just what DMARC would ask
    for (RFC 7489, 3.1.1); SPF alone is not enough. Everything else (fail, temperror, two different
    verdicts) does not.
    """
    dmarc = [result for result in results if result.method == "dmarc"]
    if len(dmarc) > 1:
        return False
    if dmarc and dmarc[0].result not in _NOT_EVALUATED:
        claim = dmarc[0].properties.get("header.from", domain).rpartition("@")[2]
        return dmarc[0].result == "pass" and _covers(claim, domain)
    return any(
        result.method == "dkim"
        and result.result == "pass"
        and _covers(result.properties.get("header.d", ""), domain)
        for result in results
    )


def _covers(claim: str, domain: str) -> bool:
    if not domain or "." not in claim:
        return False
    return domain == claim or domain.endswith("." + claim)


def read(value: str) -> tuple[str, list[Result]] | None:
    """The authserv-id and the results of one field; None where it is broken.

    Comments and quoted strings hold what strangers chose (";dmarc=pass"), so they are taken out
    by their grammar (RFC 5322, 3.2.2 and 3.2.4) before anything is compared; an unfinished one
    spoils the whole field.
    """
    statements = _statements(value)
    if not statements or not statements[0]:
        return None
    name, *version = statements[0]
    if version not in ([], ["1"]):
        return None
    found = []
    for words in statements[1 : _MAX_RESULTS + 1]:
        if not words:
            continue
        method, equals, result = words[0].partition("=")
        if not equals:
            continue  # "none": nothing was looked at
        method, _slash, _version = method.partition("/")
        properties: dict[str, str] = {}
        for word in words[1:]:
            key, equals, said = word.partition("=")
            if equals and key in properties and properties[key] != said:
                return None
            properties[key] = said
        found.append(Result(method, result, properties))
    return name, found


def _statements(value: str) -> list[list[str]] | None:  # noqa: C901, PLR0912 a state machine
    """The words between the semicolons; blanks around an equals sign belong to nothing."""
    statements: list[list[str]] = [[]]
    word: list[str] = []
    depth = 0
    quoted = False
    escaped = False
    joined = False  # the last thing was an equals sign: what follows belongs to it

    def end() -> None:
        if word:
            statements[-1].append("".join(word))
            word.clear()

    for char in value.lower():
        if escaped:
            escaped = False
            if quoted:
                word.append(_inside(char))
        elif char == "\\" and (quoted or depth):
            escaped = True
        elif quoted:
            if char == '"':
                quoted = False
            else:
                word.append(_inside(char))
        elif char == "(":
            depth += 1
        elif depth:
            depth -= char == ")"
        elif char == ")":
            return None
        elif char == '"':
            quoted, joined = True, False
        elif char == ";":
            end()
            joined = False
            statements.append([])
        elif char.isspace():
            if not joined:
                end()
        elif char == "=":
            if not word and statements[-1]:
                word.extend(statements[-1].pop())
            word.append(char)
            joined = True
        else:
            joined = False
            word.append(char)
    end()
    return None if depth or quoted or escaped else statements


def _inside(char: str) -> str:
    """What stands in quotes never acts: no blank, semicolon or equals sign of its own."""
    return "_" if char.isspace() or char in ";=" else char
