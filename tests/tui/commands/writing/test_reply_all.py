"""Answering everyone of a mail, by key (R45)."""

from dataclasses import replace

from pfinbox.domain.contract.party import Party
from tests.builders import Inbox
from tests.tui.stage import compare, on_stage, screen_text, settle, type_burst


async def test_r45_reply_all_names_who_is_new_and_the_draft_keeps_them(inbox: Inbox) -> None:
    await inbox.mails(
        "Both of us need an answer.", sender="ida@acme.example", name="Ida", subject="Two of us",
        to=(Party("support@ours.example"),), cc=(Party("kurt@acme.example", "Kurt"),),
    )  # fmt: skip
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        await type_burst(pilot, "G")
        assert "To: support@ours.example · Cc: Kurt" in screen_text(app)
        await type_burst(pilot, "AYes, both.")
        writing = app.main.task_pane.composer.writing
        assert writing is not None
        assert writing.notify is not None
        assert [one.value for one in writing.notify.newcomers] == ["kurt@acme.example"]
        await compare(app, pilot, "reply-all-120x36")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await compare(app, pilot, "reply-all-80x24")
        await pilot.resize_terminal(120, 36)
        await type_burst(pilot, "\t\r")
        assert len(writing.notify.newcomers) == 1
        await type_burst(pilot, "\x1b")
        await type_burst(pilot, "r")
        again = app.main.task_pane.composer.writing
        assert again is not None
        assert again is not writing
        assert again.notify == writing.notify
        # Who got it stands at the comment: in To, in Cc, and inside.
        boris = inbox.agent("boris")
        everyone = replace(again.notify, who=(*again.notify.who, boris))
        app.main.task_pane.composer.set_notify(everyone)
        await type_burst(pilot, f"\x13:{again.task_id}\r")
        assert "to Ida and 1 more by e-mail" in screen_text(app)
        assert "To: Ida · Cc: Kurt · inside: Boris Orlov" in screen_text(app)
