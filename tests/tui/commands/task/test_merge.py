"""Spam, merges and moved comments by key, each with its preview and its way back."""

from pfinbox.services import queries
from pfinbox.tui.app import PfinboxApp
from tests.builders import Inbox
from tests.tui.commands.task.test_triage import row
from tests.tui.inbox.test_bulk import ids
from tests.tui.stage import compare, compare_both, on_stage, screen_text, settle, type_burst


def of(app: PfinboxApp, name: str) -> int:
    return next(r.id for r in app.main.task_list.rows if r.contact and r.contact.name == name)


async def test_r42_spam_is_one_key_for_several_and_z_takes_it_back(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        first, second = ids(app)[:2]
        await type_burst(pilot, "xx!")
        assert "2 tasks: In Spam" in screen_text(app)
        assert all([(await row(inbox, one)).deleted_at for one in (first, second)])
        await type_burst(pilot, "z")
        assert not any([(await row(inbox, one)).deleted_at for one in (first, second)])
        assert first in ids(app)
        await type_burst(pilot, "gg!g!")
        assert ids(app) == [first]
        await type_burst(pilot, "!")
        assert (await row(inbox, first)).deleted_at is None
        assert "Not spam" in screen_text(app)
        await type_burst(pilot, "z")
        assert (await row(inbox, first)).deleted_at is not None


async def test_r32_merging_names_both_clients_and_r33_is_taken_apart(inbox: Inbox) -> None:
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        await type_burst(pilot, "gi")
        jakub, olga = of(app, "Jakub Nowak"), of(app, "Ольга П.")
        await type_burst(pilot, f":{jakub}\rM{olga}\r")
        await compare(app, pilot, "merge-120x36")
        assert "Jakub Nowak" in screen_text(app)
        assert "would go to Ольга П." in screen_text(app)
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await compare(app, pilot, "merge-80x24")
        await pilot.resize_terminal(120, 36)
        await type_burst(pilot, "\r")
        assert (await row(inbox, jakub)).id == olga
        assert app.main.task_pane.task_id == olga
        await type_burst(pilot, "W")
        await compare_both(app, pilot, "unmerge")
        await type_burst(pilot, "\r")
        assert (await row(inbox, jakub)).id == jakub
        await type_burst(pilot, "z")
        assert (await row(inbox, jakub)).id == olga
        await type_burst(pilot, "z")
        assert (await row(inbox, jakub)).id == jakub


async def test_r32_marked_tasks_go_into_one_and_a_comment_is_moved_to_a_new_task_and_back(
    inbox: Inbox,
) -> None:
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "gi")
        maria = of(app, "Maria Lopez")
        others = [one for one in ids(app) if one != maria][:1]
        for one in (maria, *others):
            app.main.task_list.marked.add(one)
        await type_burst(pilot, "Mmaria\r\r")
        assert [(await row(inbox, one)).id for one in others] == [maria]
        await type_burst(pilot, "z")
        assert [(await row(inbox, one)).id for one in others] == others
        # A comment is moved to a new task, and back.
        await type_burst(pilot, "gi")
        await type_burst(pilot, f":{maria}\r")
        await type_burst(pilot, "Kma new\r")
        moved = app.main.task_pane.task_id
        assert moved is not None
        assert moved != maria
        assert "VAT number" in app.main.task_pane.view.comments[-1].text
        await type_burst(pilot, "z")
        assert "VAT number" in (await app.inbox.read(queries.conversation, maria)).comments[-1].text
        # What was made for it leaves no empty task behind.
        assert (await row(inbox, moved)).deleted_at is not None
        assert app.main.task_pane.task_id != moved


async def test_r48_who_wrote_from_no_address_gets_no_answer_and_is_not_blocked(
    inbox: Inbox,
) -> None:
    for n in (1, 2):
        await inbox.mails(f"Nameless {n}", sender="", name=f"Nobody {n}", subject=f"No way {n}")
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "G")
        current = app.main.task_list.current
        assert current is not None
        assert current.title == "No way 2"
        await type_burst(pilot, "rHello\x13")
        assert "wrote from no address" in screen_text(app)
        # What was written stays.
        assert app.main.task_pane.composer.box.text == "Hello"
        await type_burst(pilot, "\x1b!")
        assert "In Spam" in screen_text(app)
        assert (await row(inbox, current.id)).deleted_at is not None
        assert (await row(inbox, of(app, "Nobody 1"))).deleted_at is None
