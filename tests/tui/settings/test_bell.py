"""Notices outside the screen: what is new for this agent, said once, harmless, in waking hours."""

import base64
from datetime import UTC, datetime

import pytest

from pfinbox.store import read
from pfinbox.store.rows import NewsRow
from pfinbox.tui.settings import bell
from pfinbox.tui.settings.bell import Ear, Quiet
from pfinbox.wording.times import Clock
from tests.builders import Inbox
from tests.tui.scene import change, task_of
from tests.tui.stage import compare, on_stage, settle, type_burst

HOSTILE = "a\x1b]52;c;AAAA\x07\x9c\x1b\\b;c\u202e\nd"


@pytest.mark.parametrize("how", ["bell", "osc9", "osc777", "osc99"])
@pytest.mark.parametrize("tmux", [False, True])
def test_nothing_in_a_clients_words_ends_or_changes_the_sequence(how: str, tmux: bool) -> None:
    harmless = bell.notice(how, "x", tmux=tmux)
    sequence = bell.notice(how, HOSTILE, tmux=tmux)
    assert sequence.startswith("\a")
    for control in ("\x1b", "\a", "\x9c", "\n"):
        assert sequence.count(control) == harmless.count(control)
    if how != "osc99":
        assert sequence.count(";") == harmless.count(";")
    assert bell.notice("off", "x") == ""


def test_kitty_gets_the_words_coded_and_tmux_passes_them_on() -> None:
    assert base64.b64encode("Ольга".encode()).decode() in bell.notice("osc99", "Ольга")
    assert bell.notice("osc9", "Hi", tmux=True) == "\a\x1bPtmux;\x1b\x1b]9;Hi\x1b\x1b\\\x1b\\"


def test_quiet_hours_may_cross_midnight() -> None:
    night, noon = Quiet.parse("20:00-08:00"), Quiet.parse("12:00-13:00")
    assert night is not None
    assert noon is not None

    def at(hour: int) -> Clock:
        return Clock(datetime(2026, 11, 2, hour, tzinfo=UTC), UTC)

    assert [night.now(at(hour)) for hour in (19, 20, 3, 8)] == [False, True, True, False]
    assert [noon.now(at(hour)) for hour in (11, 12, 13)] == [False, True, False]
    assert Quiet.parse(None) is None


def test_what_is_there_at_the_start_is_not_announced_and_nothing_twice() -> None:
    ear = Ear()
    assert ear.listen(NewsRow(((7, 40), (5, 30)), 0)) == ()
    assert ear.listen(NewsRow(((5, 41), (7, 40)), 0)) == (5,)
    assert ear.listen(NewsRow(((7, 40),), 0)) == ()


async def test_a_new_message_for_me_rings_once_and_the_title_counts(inbox: Inbox) -> None:
    told: list[str] = []
    async with on_stage(inbox, notices="osc9", terminal=told.append) as (app, pilot):
        assert told == [bell.KEEP_TITLE, "\x1b]2;(5) pfinbox\a"]
        told.clear()
        await inbox.says("Hello?", user="600", name="New [/] one")
        app.main.reload()
        await settle(pilot)
        shown = [one.replace("\x1b\\", "") for one in told if "]9;" in one]
        assert [one.rpartition(";")[2].rstrip("\\\x1b") for one in shown] == ["New [/] one: Hello?"]
        assert "\x1b]2;(6) pfinbox\a" in told
        told.clear()
        app.main.reload()
        await settle(pilot)
        assert told == []
        # What is open before the agent's eyes needs no bell.
        await type_burst(pilot, "gi\r")
        told.clear()
        await inbox.says("Are you there?", user="600", name="New [/] one")
        app.main.reload()
        await settle(pilot)
        assert not any("]9;" in one for one in told)


async def test_quiet_hours_and_other_peoples_messages_do_not_ring(inbox: Inbox) -> None:
    told: list[str] = []
    quiet = Quiet.parse("00:00-23:59")
    async with on_stage(inbox, quiet=quiet, terminal=told.append) as (app, pilot):
        await inbox.says("Hello?", user="600", name="Newcomer")
        app.main.reload()
        await settle(pilot)
        assert "\a" not in told
        assert "\x1b]2;(6) pfinbox\a" in told


async def test_r41_a_message_to_a_colleagues_task_is_no_news_of_mine(inbox: Inbox) -> None:
    theirs = await task_of(inbox, await inbox.says("Hello?", user="600", name="Newcomer"))
    await change(inbox, theirs, assignee=inbox.agent("boris"))

    async def unread(login: str) -> dict[int, int]:
        async with inbox.store.read() as uow:
            return dict((await read.news(uow, inbox.actor(login))).unread)

    before = await unread("anna")
    latest = await inbox.says("Anybody?", user="600", name="Newcomer")
    assert (await unread("boris"))[theirs] == latest
    assert await unread("anna") == before
    await inbox.store.close()


async def test_failed_deliveries_are_counted_at_the_outbox_and_above(inbox: Inbox) -> None:
    from sqlalchemy import update

    from pfinbox.store import tables as t

    async def fail(uow: object) -> None:
        values = update(t.delivery).values(state="failed")
        await uow.connection.execute(values)  # type: ignore[attr-defined]

    await inbox.store.run(fail)
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        assert app.main.status_bar.failed == app.main.views_pane.failed == 2
        await compare(app, pilot, "failed-120x36")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await compare(app, pilot, "failed-80x24")
