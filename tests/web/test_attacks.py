"""What strangers try at the door (R40, R46): each attempt ends in a page, and changes nothing."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import event

from pfinbox.domain.actor import SystemActor
from pfinbox.domain.listening import Listening
from pfinbox.services.inbox import ProgramInbox
from pfinbox.services.people import signing_in
from pfinbox.services.system import configuration
from pfinbox.store.uow import UnitOfWork
from pfinbox.web.app import application
from pfinbox.web.server import Door
from tests.builders import Inbox
from tests.web.browser import Browser
from tests.web.conftest import BASE, MARIA, SITE, Post
from tests.web.test_signing_in import COOKIE, enter, signed_in

FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": f"{BASE}:8443"},
    {"Origin": "http://support.example"},
    {"Origin": f"{BASE}.evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


async def raw(door: Door, sent: bytes) -> bytes:
    """What the door answers to these bytes, until it closes the connection."""
    host, _colon, port = door.address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(sent)
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answer


async def test_a_form_of_another_page_does_nothing(
    inbox: Inbox, browser: Browser, post: Post, maria: int
) -> None:
    """Cross-site request forgery, also from a neighbouring port, and a stranger's sign-in."""
    path = await post.link(browser)
    for foreign in FOREIGN:
        assert (await browser.post(path, {}, **foreign)).status == 403, foreign
        assert (await browser.post("/p/sign-in", {"address": MARIA}, **foreign)).status == 403
    assert await post.mailed() == []
    await enter(browser, path)
    token = (await browser.get("/p/")).hidden
    for foreign in FOREIGN:
        assert (await browser.post("/p/sign-out", token, **foreign)).status == 403, foreign
    assert await signed_in(browser)


async def test_a_session_that_was_there_before_is_not_the_one_after(
    inbox: Inbox, browser: Browser, post: Post, maria: int
) -> None:
    """Session fixation: a planted cookie, invented or an attacker's own, is not kept."""
    attacker = Browser(browser.session, browser.url, browser.base)
    await enter(attacker, await post.link(attacker))
    for planted in ("invented", attacker.cookies[COOKIE]):
        browser.cookies[COOKIE] = planted
        await enter(browser, await post.link(browser))
        assert browser.cookies[COOKIE] != planted
        assert await signed_in(browser)
    assert not await signed_in(attacker)


async def test_the_host_that_is_asked_for_is_never_believed(
    browser: Browser, post: Post, maria: int
) -> None:
    evil = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil"}
    for path in ("/p/", "/p/sent", "/p/in/x", "/nothing"):
        page = await browser.get(path, **evil)
        assert "evil" not in page.text + str(page.headers), path
    await browser.post("/p/sign-in", {"address": MARIA}, **evil)
    (mail,) = await post.mailed()
    assert f"{BASE}/p/in/" in mail.text
    assert "evil" not in mail.text


@pytest.mark.parametrize(
    "target",
    [
        "/p/../../../etc/passwd",
        "/p/%2e%2e/%2e%2e/app.py",
        "/p/style.css/..%2f..%2fapp.py",
        "/p/in/..%2f..%2f..%2fetc%2fpasswd",
        "/p/in/%00",
        "/p/in/%ff%fe",
        f"/p/in/{'x' * 8000}",
        "//evil.example/p/",
        "http://evil.example/p/in/x",
    ],
)
async def test_no_path_leads_out_of_the_pages(door: Door, target: str) -> None:
    answer = await raw(
        door, f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    )
    status = int(answer.split(b" ", 2)[1])
    assert 400 <= status < 500, answer
    assert b"root:" not in answer
    assert b"import " not in answer
    assert b"Location" not in answer


async def test_what_is_too_large_is_refused_before_it_is_read(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    head = "POST /p/sign-in HTTP/1.1\r\nHost: x\r\n"
    form = "Content-Type: application/x-www-form-urlencoded\r\n"
    large = await raw(door, f"{head}{form}Content-Length: 104857600\r\n\r\n".encode())
    assert large.startswith(b"HTTP/1.1 413")
    assert b"Connection: close" in large
    # Without a length it is counted as it comes.
    chunk = b"10000\r\n" + b"a" * 65536 + b"\r\n"
    endless = f"{head}{form}Transfer-Encoding: chunked\r\n\r\n".encode() + chunk * 8
    assert (await raw(door, endless)).startswith(b"HTTP/1.1 413")
    many = f"{head}{form}Connection: close\r\nContent-Length: 200\r\n\r\n{'a&' * 100}"
    assert (await raw(door, many.encode())).startswith(b"HTTP/1.1 400")
    other = f"{head}Content-Type: text/xml\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    assert (await raw(door, other.encode())).startswith(b"HTTP/1.1 4")
    kind = "Content-Type: multipart/form-data; boundary=b\r\n"
    for broken in (
        "a" * 300_000,
        "--b\r\n" + "a" * 300_000,
        "--b\r\nno header\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=a\r\nContent-Length: x\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=_charset_\r\n\r\n" + "x" * 99 + "\r\n--b--",
        "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n--b--",
        "--b\r\nContent-Type: multipart/mixed\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=address\r\n\r\nnever ends",
    ):
        length = f"Connection: close\r\nContent-Length: {len(broken)}\r\n\r\n"
        answer = await raw(door, f"{head}{kind}{length}{broken}".encode())
        assert answer.startswith(b"HTTP/1.1 4"), broken[:40]
    chunked = f"{head}{kind}Transfer-Encoding: chunked\r\n\r\n".encode()
    for sent in (chunk * 9, b"5\r\n--b\r\n\r\nzz\r\nx"):
        assert (await raw(door, chunked + sent)).split(b" ", 2)[1].startswith(b"4")
    no_boundary = f"{head}Content-Type: multipart/form-data\r\nContent-Length: 1\r\n\r\na"
    assert (await raw(door, no_boundary.encode())).startswith(b"HTTP/1.1 4")
    for header in ("X: " + "a" * 9000, "\r\n".join(f"X-{n}: a" for n in range(200))):
        answer = await raw(door, f"GET /p/ HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n".encode())
        assert answer.split(b" ", 2)[1] == b"400", header[:9]
    assert not caplog.records


async def test_files_without_the_session_s_token_are_not_read(
    door: Door, browser: Browser, post: Post, maria: int
) -> None:
    """Nor is one that is too large, whatever its length is said to be."""
    await enter(browser, await post.link(browser))
    token = (await browser.get("/p/new")).hidden["form_token"]
    cookie = f"Cookie: {COOKIE}={browser.cookies[COOKIE]}"
    head = f"POST /p/new HTTP/1.1\r\nHost: x\r\n{cookie}\r\nTransfer-Encoding: chunked\r\n"
    form = f"{head}Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    file = '--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'

    def chunks(*texts: str) -> bytes:
        return b"".join(b"%x\r\n%s\r\n" % (len(text), text.encode()) for text in texts)

    for given, status in (("wrong", b"403"), (token, b"413")):
        field = f'--b\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n{given}\r\n'
        field += '--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nMy <words>\r\n'
        # The door has one megabyte for files.
        more = ["a" * 65536] * (1 if given == "wrong" else 20)
        answer = await raw(door, form.encode() + chunks(field, file, *more))
        assert answer.split(b" ", 2)[1] == status, given
        # What was written beside them is not lost.
        assert (b"My &lt;words&gt;</textarea>" in answer) is (status == b"413")


async def test_the_link_of_one_task_reads_that_task_and_nothing_else(
    inbox: Inbox, browser: Browser, maria: int
) -> None:
    """A forwarded mail gives away no more than its own conversation (R46)."""
    await inbox.mails("Another thing", sender=MARIA, subject="Private")

    async def link(uow: UnitOfWork) -> str:
        web = {"base_url": BASE, "title": "", "language": None, "link_in_mails": True}
        await configuration.configure_web(uow, "daemon", web, "")
        return await signing_in.line_in_mail(uow, maria, MARIA, 1, uow.now)

    path = (await inbox.store.run(link)).rpartition(BASE)[2]
    await enter(browser, path)
    first = await browser.get("/p/")
    assert first.location == "/p/t/1"
    shown = await browser.get(first.location)
    assert "Where is my order?" in shown.text
    token = shown.hidden
    for other in ("/p/t/2", "/p/t/2/news", "/p/t/2/c/2", "/p/new", "/p/me", "/p/?q=thing"):
        page = await browser.get(other)
        assert "Private" not in page.text, other
        assert "Another thing" not in page.text, other
        assert page.status != 200 or other == "/p/?q=thing", other
    fields = {**token, "nonce": "n" * 32, "text": "x", "name": "Mallory", "language": "ru"}
    for other in ("/p/t/1", "/p/t/1/solved", "/p/t/2", "/p/t/2/solved", "/p/new", "/p/me"):
        assert (await browser.post(other, fields)).status >= 400, other
    assert "Private" not in (await browser.get("/p/sign-in")).text


async def test_whoever_is_slow_is_cut_off(inbox: Inbox) -> None:
    """Slow headers, a slow body, silence: none holds a connection longer than others wait."""
    program = ProgramInbox(inbox.store, SystemActor("web"))
    app = application(program, replace(SITE, patience=0.2))
    door = Door(app, Listening("127.0.0.1"), patience=0.2)
    await door.open()
    slow_body = (
        b"POST /p/sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\naddress="
    )
    multipart = slow_body.replace(
        b"application/x-www-form-urlencoded\r\n\r\naddress=",
        b"multipart/form-data; boundary=x\r\n\r\n--x\r\n",
    )
    try:
        silent, header, body, parts = await asyncio.gather(
            *(raw(door, sent) for sent in (b"", b"GET /p/ HTTP/1.1\r\nHo", slow_body, multipart))
        )
    finally:
        await door.close()
    assert (silent, header) == (b"", b"")
    assert body.startswith(b"HTTP/1.1 408")
    assert parts.startswith(b"HTTP/1.1 408")


async def test_neither_answer_nor_work_tells_who_is_known(
    inbox: Inbox, browser: Browser, maria: int
) -> None:
    """Enumeration by time: the statements are the same, as the page looks nobody up."""
    statements: list[str] = []
    engine = inbox.store.engine.sync_engine

    def note(_c: object, _cursor: object, sql: str, *_rest: object) -> None:
        statements.append(sql)

    event.listen(engine, "before_cursor_execute", note)
    try:
        did = []
        for address in (MARIA, "nobody@else.example", *[MARIA] * 4):
            statements.clear()
            await browser.post("/p/sign-in", {"address": address})
            did.append(list(statements))
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert all(one == did[0] for one in did)
    assert not any("contact" in sql.partition("WHERE")[2] for sql in did[0] if "DELETE" not in sql)
