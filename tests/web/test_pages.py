"""Clients' pages over the wire (R36, R37, R40, R46): read, written in, and within their weight."""

import asyncio
import re

import aiohttp
import pytest

from pfinbox.domain.tasks.change import TaskChange
from pfinbox.services.people import contacts
from pfinbox.services.tasks import tasks
from pfinbox.web.portal.assets import SCRIPT, STYLE
from tests.builders import Inbox, a_file, client
from tests.daemon.test_sender import a_sender
from tests.services.inbound.test_arrival import task_of
from tests.web.browser import Browser
from tests.web.conftest import Post

HOSTILE = (
    "<script>alert(1)</script> <img src=x onerror=alert(1)> \"'> {{ 7*7 }} javascript:alert(1)"
)


@pytest.fixture
async def inside(browser: Browser, post: Post, maria: int) -> Browser:
    """Maria's browser, signed in."""
    await browser.post(await post.link(browser), {})
    return browser


async def test_r36_the_list_leads_to_the_conversation_and_a_message_into_it(
    inside: Browser, inbox: Inbox
) -> None:
    first = await inside.get("/p/")
    assert first.status == 200
    path = re.findall(r'href="(/p/t/\d+)"', first.text)[0]
    shown = await inside.get(path)
    assert "Where is my order?" in shown.text
    fields = {**shown.hidden, "text": "It has not come yet"}
    sent = await inside.post(path, fields)
    assert (sent.status, sent.location) == (303, f"{path}?sent")
    # Pressed twice; and without the session's token.
    assert (await inside.post(path, fields)).status == 303
    assert (await inside.post(path, {**fields, "form_token": "x"})).status == 403
    again = await inside.get(sent.location)
    assert again.text.count("It has not come yet") == 1
    assert 'role="status"' in again.text
    empty = await inside.post(path, {**again.hidden, "text": "  "})
    assert (empty.status, "Please write something first." in empty.text) == (422, True)
    solved = await inside.post(f"{path}/solved", again.hidden)
    assert solved.location == f"{path}?solved"
    assert "Closed" in (await inside.get("/p/?show=finished")).text
    assert path not in (await inside.get("/p/?show=open")).text
    assert path in (await inside.get("/p/?q=not%20come")).text
    assert path not in (await inside.get("/p/?q=nowhere")).text


async def test_r36_a_new_conversation_and_the_settings(
    inside: Browser, inbox: Inbox, maria: int
) -> None:
    """R15: answers in what was opened on the page lead there; others have nothing added."""
    page = await inside.get("/p/new")
    fields = {**page.hidden, "subject": "Invoice 7", "text": "Please send it again"}
    sent = await inside.post("/p/new", fields)
    assert sent.status == 303
    title = TaskChange(title="Debt collection")
    await inbox.acting("anna").write(tasks.change, (2,), title)
    for where in (sent.location, "/p/?q=invoice"):
        there = await inside.get(where)
        assert ("Invoice 7" in there.text, "Debt" in there.text) == (True, False)
    path = sent.location.partition("?")[0]
    sender, channel = await a_sender(inbox)
    for task_id in (1, int(path.rpartition("/")[2])):
        await inbox.comment(task_id, "Here it is.", to=[client(maria)])
        await sender.run_once()
    link = f"See the whole conversation: {inside.base}{path}"
    assert [one.text for one in channel.sent] == ["Here it is.", f"Here it is.\n\n{link}"]
    me = await inside.get("/p/me")
    assert 'value="Maria"' in me.text
    assert (await inside.post("/p/me", {**me.hidden, "name": " ", "language": ""})).status == 422
    saved = await inside.post("/p/me", {**me.hidden, "name": "Maria K.", "language": "pl"})
    there = await inside.get(saved.location)
    assert '<html lang="pl">' in there.text
    assert "Maria K." in there.text


async def test_r46_what_is_not_theirs_is_no_page(inside: Browser, inbox: Inbox) -> None:
    foreign = await inbox.mails("A secret", sender="olga@client.example", files=(a_file(),))
    other = await task_of(inbox, foreign)
    hidden = await inside.get(re.findall(r'href="(/p/t/\d+)"', (await inside.get("/p/")).text)[0])
    mine = re.findall(r'action="(/p/t/\d+)"', hidden.text)[0]
    for path in (
        f"/p/t/{other}",
        f"/p/t/{other}/news",
        f"/p/t/{other}/c/{foreign}",
        f"{mine}/c/{foreign}",
        f"{mine}?before={foreign}",
        "/p/t/99999",
        "/p/t/999999999999999999",
        "/p/t/-1",
        "/p/f/1/photo.png",
        f"{mine}?before=²",
    ):
        answer = await inside.get(path)
        assert (answer.status, "secret" in answer.text) == (404, False), path
    for path in (f"/p/t/{other}", f"/p/t/{other}/solved"):
        assert (await inside.post(path, {**hidden.hidden, "text": "x"})).status == 404
    assert "Nothing was found." in (await inside.get("/p/?q=secret")).text


async def test_r37_hostile_words_and_files_stay_words_and_files(
    inside: Browser, inbox: Inbox
) -> None:
    svg = a_file('"><svg onload=alert(1)>.svg', b"<svg onload='alert(1)'/>", "image/svg+xml")
    page = a_file("../../a.html", b"<script>alert(1)</script>", "text/html")
    gif = a_file("a.gif", b"GIF89a", "text/html")
    words, files = f"{HOSTILE} https://x.example/?a=1&b=2", (svg, page, gif)
    comment_id = await inbox.mails(words, subject=HOSTILE, name=HOSTILE, files=files)
    path = f"/p/t/{await task_of(inbox, comment_id)}"
    for where in ("/p/", path, f"{path}/c/{comment_id}"):
        text = (await inside.get(where)).text
        tags = set(re.findall(r"<([a-z0-9]+)", text))
        assert not tags & {"img", "svg", "iframe", "object"}, where
        assert re.findall(r"<script[^>]*>", text) == re.findall(r'<script src="/p/page[^>]*>', text)
        assert not re.search(r"<[^>]+ on\w+=", text)
        assert "49" not in re.sub(r"[0-9a-f]{8,}", "", text)
    assert 'href="https://x.example/?a=1&amp;b=2" rel="noopener noreferrer nofollow"' in text
    links = re.findall(r'href="(/p/f/[^"]+)"', text)
    kinds = [(await inside.get(link)).headers for link in links]
    unknown = "application/octet-stream"
    assert [one["Content-Type"] for one in kinds] == [unknown, unknown, "image/gif"]
    assert [one["Content-Disposition"].partition(";")[0] for one in kinds] == [
        "attachment",
        "attachment",
        "inline",
    ]
    assert all("sandbox" in one["Content-Security-Policy"] for one in kinds)


async def test_r40_a_page_of_long_messages_weighs_less_than_50_kb(
    inside: Browser, inbox: Inbox
) -> None:
    comment_id = await inbox.mails("ж" * 60_000, subject="Long")
    path = f"/p/t/{await task_of(inbox, comment_id)}"
    source = "<long@client.example>"
    await inbox.mails("first", answers=None, source_id=source, subject="Other")
    texts = ["и" * 1500 + f" n{n}" for n in range(60)]
    other = ""
    for text in texts:
        last = await inbox.mails(text, answers=source, subject="Re: Other")
        other = f"/p/t/{await task_of(inbox, last)}"
    kept = len(STYLE.encode()) + len(SCRIPT.encode())
    seen: list[str] = []
    asked = other
    while asked:
        page = await inside.get(asked)
        assert len(page.text.encode()) + kept < 50_000
        seen = re.findall(r"и n(\d+)", page.text) + seen
        older = re.search(r'href="(/p/t/\d+\?before=\d+)"', page.text)
        asked = older[1] if older else ""
    assert seen == [str(n) for n in range(60)]
    for where in ("/p/", path):
        assert len((await inside.get(where)).text.encode()) + kept < 50_000
    whole = re.search(rf'href="({path}/c/\d+)"', (await inside.get(path)).text)
    assert whole is not None
    count, asked = 0, whole[1]
    while asked:
        page = await inside.get(asked)
        assert len(page.text.encode()) + kept < 50_000
        count += page.text.count("ж")
        later = re.search(r'href="([^"]+)">Next part', page.text)
        asked = later[1] if later else ""
    assert count == 60_000
    assert "Part 5 of 5" in page.text
    for wrong in (f"{whole[1]}?part=6", f"{whole[1]}?part=0", f"{whole[1]}?part=x"):
        assert (await inside.get(wrong)).status == 404


async def test_r36_an_open_page_hears_of_a_message_and_of_access_taken(
    inside: Browser, inbox: Inbox, maria: int
) -> None:
    path = re.findall(r'href="(/p/t/\d+)"', (await inside.get("/p/")).text)[0]
    state = re.findall(r'data-state="(\w+)"', (await inside.get(path)).text)[0]
    cookies = "; ".join(f"{name}={value}" for name, value in inside.cookies.items())
    url = f"{inside.url}{path}/news"
    async with (
        asyncio.timeout(30),
        inside.session.get(url, headers={"Cookie": cookies}) as stream,
    ):
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        assert await _told(stream) == state
        await inside.post(path, {**(await inside.get(path)).hidden, "text": "News"})
        fresh = await _told(stream)
        assert fresh != state
        assert f'data-state="{fresh}"' in (await inside.get(path)).text
        await inbox.acting("anna").write(contacts.set_, maria, portal=False)
        # The stream ends without another word.
        assert b"data" not in await stream.content.read()


async def _told(stream: aiohttp.ClientResponse) -> str:
    """The next state that the stream tells of."""
    while True:
        line = (await stream.content.readline()).decode()
        if line.startswith("data: "):
            return line.removeprefix("data: ").strip()
