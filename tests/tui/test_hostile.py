"""No text from outside crashes a widget, acts, or reaches the terminal as anything but text."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.content import Content
from textual.widgets import Static

from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Notify, Who
from pfinbox.domain.outbound.planning.delivery_plan import DeliveryPlan, PlanRow
from pfinbox.domain.recipients.bulk import BulkRow
from pfinbox.services.comments.bulk import Outcome
from pfinbox.store.rows import (
    ActivityRow,
    AddressRow,
    AttachmentRow,
    CommentRow,
    ContactRow,
    Conversation,
    DeliveryRow,
    LineRow,
    Person,
    PresenceRow,
    TaskRow,
)
from pfinbox.tui.compose.plan_lines import quote_line
from pfinbox.tui.contacts.line_view import task_rule
from pfinbox.tui.conversation.comment_block import View, block
from pfinbox.tui.conversation.timeline import between, entries
from pfinbox.tui.inbox.presence import colleague_words
from pfinbox.tui.inbox.task_row import Look, lines_of
from pfinbox.tui.mail.address_field import completions
from pfinbox.tui.widgets import safe
from pfinbox.wording.landing import landing_words
from pfinbox.wording.outbound.bulk import outcome_lines, who
from pfinbox.wording.outbound.plans import plan_trouble, plan_words
from pfinbox.wording.times import Clock
from tests.builders import Inbox
from tests.tui.stage import on_stage, said, screen_text, type_burst

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
CLOCK = Clock(NOW, UTC)
NASTY = [
    "[/]",
    "[/",
    "[link=https://evil.example]x[/link]",
    '[foo="bar]',
    "[@click=app.quit]free money[/]",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1b[2J\x1b[31mred",
    "\x9b2J",
    "\u202etxt.exe\u2066",
    "a\u0301" * 3 + "\u0301" * 40,
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "שלום עולם",
    "\ud800",
    "\r\n\x0b\u2028",
    "$primary ${x} {name} %s",
    "",
]
texts = st.one_of(st.sampled_from(NASTY), st.text(max_size=200)).flatmap(
    lambda text: st.sampled_from([text, text * 3, f"Hello {text}\n{text}"])
)
relaxed = settings(max_examples=40, deadline=None)
FORBIDDEN = [chr(n) for n in (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F))]


def harmless(contents: list[Content]) -> None:
    """No control character, no action: only ours may carry a style."""
    for content in contents:
        assert not [c for c in content.plain if c in FORBIDDEN and c != "\n"]
        for span in content.spans:
            assert "@click" not in str(span.style)


def a_comment(text: str, **values: Any) -> CommentRow:
    contact = Person("contact", 1, text)
    given: dict[str, Any] = {
        "id": 7,
        "direction": "outgoing",
        "author": contact,
        "text": text,
        "new_text": text[:5],
        "created_at": NOW,
        "internal": False,
        "channel": text,
        "quote": (1, text),
        "edits": ((text, NOW),),
        "edited_at": NOW,
        "notified": (contact,),
        "attachments": (AttachmentRow(1, text, text, 5, ""),),
        "warnings": (Reason("unreadable", {"detail": text}),),
        "matched_by": Reason("reference", {"source_id": text}),
        "origin_task_id": 9,
        "deliveries": tuple(
            DeliveryRow(
                n, 1, 7, Person("contact", n, text), text, text, text, state, 1,
                Reason("rejected", {"detail": text}), None, NOW, None,
            )
            for n, state in enumerate(("failed", "unknown", "sent", "held", "pending"))
        ),
    }  # fmt: skip
    return CommentRow(**(given | values))


def a_task(text: str, **values: Any) -> TaskRow:
    given: dict[str, Any] = {
        "id": 3,
        "title": text,
        "status": text,
        "active": False,
        "account": text,
        "channel": text,
        "contact": Person("contact", 1, text),
        "assignee": Person("agent", 2, text, text),
        "tags": (text, text),
        "unread": True,
        "last_line": text,
        "last_direction": "incoming",
        "waiting_since": NOW,
        "snoozed_until": None,
        "created_at": NOW,
        "last_activity_at": NOW,
        "previous_task_id": 1,
        "sign": text,
    }
    return TaskRow(**(given | values))


@relaxed
@given(texts, st.integers(10, 140))
def test_a_row_of_the_list(text: str, width: int) -> None:
    others = tuple(
        PresenceRow(3, Person("agent", 2, text), answering) for answering in (True, False)
    )
    lines = lines_of(a_task(text), Look(width, CLOCK, 1, marked=True, others=others))
    harmless([*lines, colleague_words(others)])
    assert all(line.cell_length == width for line in lines if width >= 40)
    assert all("\n" not in line.plain for line in lines)


@pytest.mark.parametrize("width", [40, 140])
def test_a_channels_sign_is_shown_whole(width: int) -> None:
    for sign in ("➤", "VK"):
        lines = lines_of(a_task("Hello", sign=sign), Look(width, CLOCK, 1))
        assert f" {sign} " in lines[0].plain


@relaxed
@given(texts, st.integers(20, 140), st.sampled_from(["incoming", "outgoing"]), st.booleans())
def test_a_comment(text: str, width: int, direction: str, unfolded: bool) -> None:
    comment = a_comment(text, direction=direction)
    held = Conversation(a_task(text), (), (), (comment,), ())
    why = landing_words(comment, held, CLOCK)
    lines = block(comment, View(width, CLOCK, 1, unfolded, 3, why))
    harmless([*lines, quote_line(comment, "ctrl+o", width)])
    assert all("\n" not in line.plain for line in lines)


@relaxed
@given(texts, st.integers(10, 140))
def test_what_stands_between_the_comments(text: str, width: int) -> None:
    activity = ActivityRow("title", {"to": text, "kind": text, "id": 1}, NOW, None)
    unknown = ActivityRow(text or "x", {text or "x": text}, NOW, Person("agent", 2, text))
    held = Conversation(
        a_task(text),
        (),
        (),
        (a_comment(text),),
        (activity, unknown),
        previous_title=text,
        more=True,
    )
    names = {Who("agent", 1): text, Who("contact", 1): text}
    for entry in entries(held, CLOCK, 0, 1):
        if not isinstance(entry, CommentRow):
            harmless(between(entry, width, CLOCK, names))


@relaxed
@given(texts)
def test_the_plan_in_words(text: str) -> None:
    who = Who("contact", 1)
    error = Reason("rejected", {"detail": text})
    plan = DeliveryPlan((PlanRow(who, text, error=error),), (Reason("bounced", {"detail": text}),))
    harmless([safe.worded(plan_words("reply", Notify((who,)), plan, {who: text}, CLOCK))])
    names = {Who("agent", 1): text}
    harmless([safe.worded(plan_words("note", Notify((Who("agent", 1),)), None, names, CLOCK))])
    trouble = plan_trouble(plan)
    assert trouble is not None
    harmless([safe.worded(trouble)])


@pytest.mark.timeout(400)
async def test_whatever_a_client_writes_the_screen_stands(inbox: Inbox) -> None:
    """Through the real store: list, title, conversation, composer, picker, chooser, notice."""
    for n, text in enumerate(NASTY[::2]):
        await inbox.mails(
            f"{text}\n> {text}",
            sender=f"evil{n}@client.example",
            name=text or "x",
            subject=" ".join(text.split()),
            new_text=text,
        )
    async with on_stage(inbox, notifications=True) as (app, pilot):
        await type_burst(pilot, "gi")
        # The list shows them all; some are opened, answered and told about as well.
        for text in NASTY[::4]:
            app.say(text)
            app.say(text, trouble=True)
            await type_burst(pilot, "\rrtyped\t")
            harmless([Content(screen_text(app) + said(app), strip_control_codes=False)])
            await type_burst(pilot, "\x1b\x1b\x1bj")
            assert app.is_running
        await type_burst(pilot, "a")
        harmless([Content(screen_text(app), strip_control_codes=False)])


async def test_one_megabyte_in_one_line(inbox: Inbox) -> None:
    await inbox.says("x" * 1_000_000, user="600", name="Loud")
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "gi\r")
        lines = [line[0].plain for line in app.main.task_pane.view.lines]
        assert any("more characters (o to show)" in line for line in lines)
        await type_burst(pilot, "o")
        assert app.is_running


async def test_markup_is_not_parsed_by_a_static() -> None:
    """Why everything goes through ``safe``: content is shown as it is."""

    class Plain(App[None]):
        def compose(self) -> ComposeResult:
            yield Static(safe.line("[@click=app.quit]free[/] [/]"))

    app = Plain()
    async with app.run_test() as pilot:
        await pilot.click(Static)
        assert app.is_running


@relaxed
@given(texts)
def test_a_bulk_reply(text: str) -> None:
    rows = [BulkRow(1, text, text, 1, (text,), warnings=(text,)), BulkRow(2, text, text, why=text)]
    outcome = Outcome(left_out=[(rows[1], text)], not_tried=(rows[0],), broken=text)
    harmless(safe.lines([*who(rows), *outcome_lines(outcome)]))


@relaxed
@given(texts, st.integers(10, 140))
def test_a_persons_line_and_a_choice_of_contacts(text: str, width: int) -> None:
    address = AddressRow(1, text, text, text, text, main=True, duplicate=False, blocked=False)
    card = ContactRow(1, text, text, text, False, False, (address,))
    items = completions(text, [card])
    row = LineRow(1, text, a_comment(text, channel=text))
    harmless([task_rule(row, width), *(c for item in items for c in (item.label, item.aside))])
