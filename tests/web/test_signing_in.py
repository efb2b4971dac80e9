"""R36, R40: in by an e-mailed link and out again; sessions end when access does (R46)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy import Executable, Update, select, update

from pfinbox.domain.contract.channel import TemporaryFailure
from pfinbox.domain.contract.outgoing import Sent
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.people.signing_in import LINK_LASTS, Mailing
from pfinbox.services.merging import contact_merging
from pfinbox.services.outbound import message_building, restore_guard, sending
from pfinbox.services.people import contacts, portal_sessions, signing_in
from pfinbox.services.privacy import erasing
from pfinbox.services.system import configuration
from pfinbox.store import tables as t
from pfinbox.store.write import signing_in as write_links
from tests.builders import Inbox, client
from tests.web.browser import Browser, Page
from tests.web.conftest import BASE, MARIA, Post, link_in, on_both

COOKIE = "__Host-pfinbox"


async def signed_in(browser: Browser) -> bool:
    """Whether the first page, or the only one, offers to sign out."""
    page = await browser.get("/p/")
    page = await browser.get(page.location) if page.location else page
    return "/p/sign-out" in page.text


async def enter(browser: Browser, path: str) -> Page:
    assert "<form" in (await browser.get(path)).text
    return await browser.post(path, {})


@on_both
async def test_r40_a_link_is_mailed_spent_by_the_button_and_good_once(
    inbox: Inbox, browser: Browser, post: Post, maria: int
) -> None:
    path = await post.link(browser)
    mail = post.channel.sent[-1]
    assert [party.value for party in mail.to] == [MARIA]
    assert (mail.automatic, mail.subject) == (True, "Your page at Example Ltd")
    # Mail scanners open links.
    for _time in range(2):
        shown = await browser.get(path)
        assert "Example Ltd" in shown.text
        assert shown.headers["Referrer-Policy"] == "strict-origin"
    assert not await signed_in(browser)
    done = await enter(browser, path)
    assert (done.status, done.location) == (303, "/p/")
    assert await signed_in(browser)
    # The browser that used it is in already; another one asks for a new link.
    assert (await browser.get(path)).location == "/p/"
    other = Browser(browser.session, browser.url, browser.base)
    assert (await other.get(path)).status == 410
    assert (await other.post(path, {})).status == 410
    assert not other.cookies
    async with inbox.store.read() as uow:
        kept = str((await uow.connection.execute(select(t.portal_session))).all())
        kept += str((await uow.connection.execute(select(t.sign_in))).all())
    assert path.rpartition("/")[2] not in kept
    assert browser.cookies[COOKIE] not in kept


@on_both
async def test_r40_whoever_wanted_a_conversation_comes_to_it(
    browser: Browser, post: Post, maria: int
) -> None:
    """A link in a mail of ours to a page that asks to sign in first."""
    sent = await browser.get("/p/t/1?sent")
    assert sent.location == "/p/?to=1"
    asked = await browser.get(sent.location)
    wrong = await browser.post("/p/sign-in", {**asked.hidden, "address": "?"})
    await browser.post("/p/sign-in", {**wrong.hidden, "address": MARIA})
    (mail,) = await post.mailed()
    assert (await enter(browser, link_in(mail))).location == "/p/t/1"
    for nonsense in ("x", "//evil.example", "1e9", "²", "9" * 30):
        page = await browser.get(f"/p/sign-in?to={nonsense}")
        assert (page.status, "evil" in page.text) == (200, False)
        assert page.hidden == {}


@on_both
async def test_r40_what_is_asked_tells_nothing_and_is_limited(
    inbox: Inbox, browser: Browser, post: Post, maria: int
) -> None:
    """Known or not: the same answer, and the same work; the mailer finds out later."""
    known = [await browser.post("/p/sign-in", {"address": f" {MARIA.upper()}"}) for _ in range(5)]
    stranger = await browser.post("/p/sign-in", {"address": "nobody@else.example"})
    assert {(page.status, page.location, page.text) for page in (*known, stranger)} == {
        (303, "/p/sent", "")
    }
    # 3 an hour for an address, nothing for one without access.
    assert len(await post.mailed()) == 3
    assert (await browser.post("/p/sign-in", {"address": "no address"})).status == 422
    # Those who come at once are counted one by one.
    crowd = await asyncio.gather(
        *(browser.post("/p/sign-in", {"address": f"x{n}@else.example"}) for n in range(18))
    )
    assert sorted(page.status for page in crowd) == [303] * 14 + [429] * 4
    # What stands in a header is no other network, unless a trusted proxy says so.
    spoofed = {"X-Forwarded-For": "203.0.113.9"}
    assert (await browser.post("/p/sign-in", {"address": "z@e.example"}, **spoofed)).status == 429
    inbox.clock.advance(hours=25)
    assert (await browser.post("/p/sign-in", {"address": MARIA})).status == 303
    assert len(await post.mailed()) == 1
    async with inbox.store.read() as uow:
        kept = set(await uow.connection.scalars(select(t.sign_in.c.address)))
    assert kept == {MARIA}


@on_both
async def test_r46_a_session_ends_with_whatever_it_stood_on(
    inbox: Inbox, browser: Browser, post: Post, maria: int
) -> None:
    me = inbox.acting("anna").agreeing(True)
    other = await me.write(contacts.new, "Maria again")
    of_address = t.address.c.value == MARIA

    async def sql(statement: Executable) -> None:
        async with inbox.store.write() as uow:
            await uow.connection.execute(statement)
            await uow.commit()

    def mark(blocked_at: datetime | None) -> Update:
        return update(t.address).where(of_address).values(blocked_at=blocked_at)

    ends: list[Callable[[], Awaitable[object]]] = [
        lambda: me.write(contacts.set_, maria, portal=False),
        lambda: me.write(contact_merging.merge_contacts, maria, (other,)),
        lambda: me.write(contact_merging.unmerge_contact, other),
        lambda: me.write(portal_sessions.revoke, maria),
        lambda: sql(mark(inbox.clock.now)),
        lambda: sql(update(t.address).where(of_address).values(value="maria@elsewhere.example")),
    ]
    for end in ends:
        await me.write(contacts.set_, maria, portal=True)
        await sql(mark(None))
        inbox.clock.advance(hours=1)
        path = await post.link(browser)
        await enter(browser, path)
        assert await signed_in(browser)
        unused = await post.link(browser)
        await end()
        assert not await signed_in(browser), ends.index(end)
        assert await me.read(portal_sessions.sessions, maria) == [], ends.index(end)
        if end not in ends[1:3]:
            assert (await browser.get(unused)).status == 410, ends.index(end)
    second = "m2@client.example"
    await me.write(contacts.set_, maria, add_addresses=[("email", second)])
    await enter(browser, await post.link(browser, second))
    assert await signed_in(browser)
    await me.write(contacts.set_, maria, remove_addresses=[second])
    assert not await signed_in(browser)
    # What has ended is not alive again.
    await me.write(contacts.set_, maria, add_addresses=[("email", second)])
    assert not await signed_in(browser)
    # A backup may be older than what ended a session.
    inbox.clock.advance(hours=1)
    await enter(browser, await post.link(browser, second))
    unused = await post.link(browser, second)
    await inbox.store.run(lambda uow: restore_guard.hold(uow, Reason("restored")))
    assert not await signed_in(browser)
    assert (await browser.get(unused)).status == 410


@on_both
async def test_r40_sessions_idle_out_are_shown_to_agents_and_end_on_request(
    inbox: Inbox, browser: Browser, post: Post, maria: int
) -> None:
    me = inbox.acting("anna")
    phone = Browser(browser.session, browser.url, browser.base)
    for one in (browser, phone):
        await enter(one, await post.link(one))
    inbox.clock.advance(days=20)
    # The browser keeps it from the last visit on, not from the first one.
    assert "Max-Age=2592000" in (await phone.get("/p/")).headers["Set-Cookie"]
    assert "Set-Cookie" not in (await phone.get("/p/")).headers
    inbox.clock.advance(days=15)
    # The phone was there 15 days ago, the other one 35 days ago.
    assert not await signed_in(browser)
    assert await signed_in(phone)
    (row,) = await me.read(portal_sessions.sessions, maria)
    assert (row.contact_id, row.task_id, row.last_seen_at) == (maria, None, inbox.clock.now)
    await enter(browser, await post.link(browser))
    # Signing out needs the token of the page's own session.
    home = await browser.get("/p/")
    foreign = (await phone.get("/p/")).hidden
    assert home.headers["Cache-Control"] == "no-store"
    for wrong in ({}, foreign, {"form_token": "x"}):
        assert (await browser.post("/p/sign-out", wrong)).status == 403
    assert (await browser.post("/p/sign-out", home.hidden)).status == 303
    assert COOKIE not in browser.cookies
    assert await signed_in(phone)
    await phone.post("/p/sign-out-everywhere", foreign)
    assert not await signed_in(phone)
    assert await me.read(portal_sessions.sessions, maria) == []


@on_both
async def test_r40_an_agent_sends_a_link_which_the_mail_s_own_one_follows(
    inbox: Inbox, browser: Browser, post: Post, maria: int
) -> None:
    me = inbox.acting("anna")
    shown = await me.write(signing_in.invite, maria)
    assert shown.address == MARIA
    # The server is away for a while; the link that is mailed is good from then on.
    away = TemporaryFailure(Reason("unreachable", {"detail": "away"}))
    post.channel.outcomes.append(("before", away))
    assert await post.mailed() == []
    inbox.clock.advance(minutes=5)
    (mail,) = await post.mailed()
    assert "need not do anything" not in mail.text
    inbox.clock.advance(seconds=LINK_LASTS.total_seconds() - 60)
    path = shown.link.removeprefix(BASE)
    assert (await browser.get(path)).status == 410
    assert (await browser.get(link_in(mail))).status == 200
    # Whoever is in has no use for the other links of that address.
    again = await me.write(signing_in.invite, maria)
    await enter(browser, link_in(mail))
    other = Browser(browser.session, browser.url, browser.base)
    assert (await other.get(again.link.removeprefix(BASE))).status == 410


@on_both
async def test_r15_a_link_in_a_mail_shows_its_task_alone_where_it_is_wanted(
    inbox: Inbox, browser: Browser, post: Post, maria: int
) -> None:
    async def answered() -> str:
        """The text of the mail that answers Maria."""
        await inbox.comment(1, "It is on its way.", to=[client(maria)])
        await inbox.comment(1, "For us.", to=[inbox.agent("boris")])
        async with inbox.handing_over() as (uow, job):
            outgoing, _nonce = await message_building.outgoing(uow, job, job.part_ids[0])
            sent = Sent(f"<{job.part_ids[0]}@ours.example>")
            await sending.part_sent(uow, sending.Taken(job, job.part_ids[0], sent))
        return outgoing.text

    assert await answered() == "It is on its way."
    web = {"base_url": BASE, "title": "", "language": "ru", "link_in_mails": True}
    await inbox.store.run(lambda uow: configuration.configure_web(uow, "daemon", web, ""))
    me, phone = inbox.acting("anna"), Browser(browser.session, browser.url, browser.base)
    await me.write(contacts.set_, maria, portal=False)
    assert await answered() == "It is on its way."
    await me.write(contacts.set_, maria, portal=True)
    text = await answered()
    path = text.rpartition(BASE)[2]
    assert text == f"It is on its way.\n\nВся переписка: {BASE}{path}"
    # As often as the mail is opened, on every device, for 30 days.
    for one in (browser, phone):
        await enter(one, path)
        assert await signed_in(one)
    rows = await me.read(portal_sessions.sessions, maria)
    assert [row.task_id for row in rows] == [1, 1]
    # Whoever is in by address sees more than the link shows, and goes on to.
    await enter(phone, await post.link(phone))
    before = phone.cookies[COOKIE]
    await enter(phone, path)
    assert phone.cookies[COOKIE] == before
    rows = await me.read(portal_sessions.sessions, maria)
    assert [row.task_id for row in rows] == [None, 1]
    inbox.clock.advance(days=31)
    assert (await browser.get(path)).status == 410


@on_both
async def test_r34_erasing_a_contact_leaves_no_link_and_no_session(
    inbox: Inbox, browser: Browser, post: Post, maria: int
) -> None:
    me = inbox.acting("anna")
    await enter(browser, await post.link(browser))
    await me.write(contacts.set_, maria, portal=False)
    # Nobody's, as it were: there is no access.
    await browser.post("/p/sign-in", {"address": MARIA})
    assert await post.mailed() == []
    await inbox.store.run(
        lambda uow: write_links.ask(uow, MARIA, task_id=1, mailing=Mailing.NONE, contact_id=maria)
    )
    await me.write(erasing.erase_contact, maria)
    async with inbox.store.read() as uow:
        assert (await uow.connection.execute(select(t.sign_in))).all() == []
        assert (await uow.connection.execute(select(t.portal_session))).all() == []
