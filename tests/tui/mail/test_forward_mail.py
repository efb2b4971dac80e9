"""Passing comments on to somebody outside, on the same sheet (R45)."""

from sqlalchemy import select

from pfinbox.services import queries
from pfinbox.services.tasks import drafts
from pfinbox.store import tables as t
from pfinbox.tui.mail.forward_mail import ForwardMail
from tests.builders import Inbox
from tests.tui.mail.test_new_mail import copies
from tests.tui.stage import compare_both, on_stage, press, screen_text, type_burst


async def test_r45_what_goes_along_is_chosen_on_the_sheet(inbox: Inbox) -> None:
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        task_id = app.main.task_list.cursor or 0
        # The reply that is being written there stays.
        await type_burst(pilot, "rOne moment.\x1b")
        await type_burst(pilot, "flawyer@law.example\tboss@law.example\t\tPlease look.\t")
        sheet = app.screen
        assert isinstance(sheet, ForwardMail)
        assert sheet.subject.value == "Fwd: Invoice 2231 is wrong"
        assert (len(sheet.along.comments), sheet.along.files) == (1, ())
        # The client's last comment, which goes along, is in sight.
        assert "[x] Maria Lopez" in screen_text(app)
        # The file brings its comment along, and goes without it.
        await type_burst(pilot, "kk ")
        assert (len(sheet.along.comments), len(sheet.along.files)) == (2, 1)
        await type_burst(pilot, " ")
        assert (len(sheet.along.comments), sheet.along.files) == (2, ())
        await compare_both(app, pilot, "forward")
        await type_burst(pilot, "\x13")
        assert f"#{task_id} to lawyer@law.example: Sends in 10 s" in screen_text(app)
        assert (await copies(inbox, task_id))["boss@law.example"] is True
        async with inbox.store.read() as uow:
            query = select(t.comment.c.quote_text).order_by(t.comment.c.id.desc()).limit(1)
            quoted = await uow.connection.scalar(query)
            files = await uow.connection.scalars(
                select(t.attachment.c.name)
                .join(t.comment, t.comment.c.id == t.attachment.c.comment_id)
                .where(t.comment.c.text == "Please look.")
            )
            assert "our accounting says" in str(quoted)
            assert list(files) == []
        reply = await app.inbox.read(drafts.load, task_id, "reply")
        assert reply is not None
        assert reply.text == "One moment."
        await type_burst(pilot, "z")
        await type_burst(pilot, "f")
        assert isinstance(app.screen, ForwardMail)
        assert app.screen.box.text == "Please look."
        # With the end of the task; one step takes back both.
        await press(pilot, "ctrl+d")
        assert not (await app.inbox.read(queries.conversation, task_id)).task.active
        await type_burst(pilot, "z")
        assert (await app.inbox.read(queries.conversation, task_id)).task.active
