"""What a contact with access would see, and what a change would reveal (R37-R39)."""

import pytest
from sqlalchemy import update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.party import Party
from pfinbox.domain.people.portal import Look
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.errors import NotFound, Refused, UsageError
from pfinbox.services.comments import corrections
from pfinbox.services.people import contacts, portal_view, revealing
from pfinbox.services.people.revealing import WouldReveal
from pfinbox.services.system import configuration
from pfinbox.services.tasks import tasks
from pfinbox.store import tables as t
from pfinbox.store.uow import Store
from tests.builders import STATUSES, Inbox, chat_account, client, mail_account
from tests.services.inbound.test_arrival import task_of, the_task


async def looks(inbox: Inbox, contact_id: int, setting: str | None = None) -> dict[int, Look]:
    me = inbox.agent_ids["anna"]
    async with inbox.store.read() as uow:
        found = await portal_view.portal_view(uow, AgentActor(me), contact_id, setting)
    return {look.comment_id: look for look in found}


async def shown(inbox: Inbox, contact_id: int, setting: str | None = None) -> set[int]:
    return {i for i, look in (await looks(inbox, contact_id, setting)).items() if look.shown}


async def sent(inbox: Inbox, comment_id: int, state: str = "sent") -> None:
    async with inbox.store.write() as uow:
        await uow.connection.execute(
            update(t.delivery).where(t.delivery.c.comment_id == comment_id).values(state=state)
        )
        await uow.commit()


async def access(inbox: Inbox, contact_id: int, *, force: bool = False, **values: object) -> None:
    acting = inbox.acting("anna").agreeing(force)
    await acting.write(contacts.set_, contact_id, **values)  # type: ignore[arg-type]


async def talk(inbox: Inbox) -> tuple[int, int, int, int, int]:
    """A client's mail, our answer, a note: task, contact and the three comments."""
    asked = await inbox.mails("A question")
    task_id = await task_of(inbox, asked)
    contact_id = (await the_task(inbox, task_id)).contact_id
    assert contact_id is not None
    answer = await inbox.comment(task_id, "An answer", to=[client(contact_id)])
    await sent(inbox, answer.comment_id)
    note = await inbox.comment(task_id, "A strange client", to=[inbox.agent("boris")])
    return task_id, contact_id, asked, answer.comment_id, note.comment_id


async def test_r37_notified_shows_what_was_said_between_us(inbox: Inbox) -> None:
    _task, contact_id, asked, answer, note = await talk(inbox)
    found = await looks(inbox, contact_id)
    assert {i for i, look in found.items() if look.shown} == {asked, answer}
    assert found[asked].reason.kind == "own_message"
    assert found[answer].reason.kind == "was_notified"
    assert found[note].reason.kind == "not_notified"


async def test_r37_all_shows_internal_talk_too(inbox: Inbox) -> None:
    _task, contact_id, asked, answer, note = await talk(inbox)
    assert await shown(inbox, contact_id, "all") == {asked, answer, note}


async def test_r38_a_hidden_comment_is_shown_with_no_setting(inbox: Inbox) -> None:
    _task, contact_id, _asked, answer, _note = await talk(inbox)
    me = inbox.agent_ids["boris"]
    await inbox.store.run(lambda uow: corrections.set_hidden(uow, AgentActor(me), answer, True))
    for setting in ("notified", "all"):
        assert answer not in await shown(inbox, contact_id, setting)
    assert (await looks(inbox, contact_id))[answer].reason.kind == "hidden_from_contacts"
    await inbox.store.run(lambda uow: corrections.set_hidden(uow, AgentActor(me), answer, False))
    assert answer in await shown(inbox, contact_id)


@pytest.mark.parametrize("state", ["pending", "scheduled", "held", "withdrawn", "transmitting"])
async def test_r37_what_has_not_left_is_not_shown(inbox: Inbox, state: str) -> None:
    _task, contact_id, _asked, answer, _note = await talk(inbox)
    await sent(inbox, answer, state)
    found = await looks(inbox, contact_id, "all")
    assert found[answer].reason.kind == "not_sent_yet"


@pytest.mark.parametrize("state", ["failed", "unknown"])
async def test_r39_what_the_contact_may_not_have_got_is_not_shown(inbox: Inbox, state: str) -> None:
    _task, contact_id, _asked, answer, _note = await talk(inbox)
    await sent(inbox, answer, state)
    assert answer not in await shown(inbox, contact_id)


async def test_r37_r43_an_answer_sent_elsewhere_is_theirs(inbox: Inbox) -> None:
    asked = await inbox.says("Hello")
    task_id = await task_of(inbox, asked)
    contact_id = (await the_task(inbox, task_id)).contact_id
    assert contact_id is not None
    elsewhere = await inbox.says("From my phone", sent_elsewhere=True)
    assert await shown(inbox, contact_id) == {asked, elsewhere}


async def test_r37_company_shows_what_colleagues_got(inbox: Inbox) -> None:
    task_id, maria, asked, answer, _note = await talk(inbox)
    me = inbox.agent_ids["anna"]
    colleague = await inbox.store.run(
        lambda uow: contacts.new(
            uow,
            AgentActor(me),
            "Ewa",
            company="Client",
            selectable=True,
            addresses=[("email", "ewa@client.example")],
        )
    )
    await inbox.store.run(lambda uow: contacts.set_(uow, AgentActor(me), maria, company="Client"))
    wanted = TaskChange(add_participants=(client(colleague),))
    await inbox.store.run(lambda uow: tasks.change(uow, AgentActor(me), (task_id,), wanted))
    assert await shown(inbox, colleague) == set()
    assert await shown(inbox, colleague, "company") == {asked, answer}
    assert await shown(inbox, colleague, "contacts") == {asked, answer}


async def test_r37_the_company_s_setting_counts_and_a_card_may_override_it(inbox: Inbox) -> None:
    _task, contact_id, asked, answer, note = await talk(inbox)
    setups = (mail_account(), chat_account())
    await inbox.store.run(
        lambda uow: configuration.configure(uow, setups, STATUSES, {"contacts_see": "all"})
    )
    assert await shown(inbox, contact_id) == {asked, answer, note}
    await access(inbox, contact_id, contacts_see="notified")
    assert await shown(inbox, contact_id) == {asked, answer}
    await access(inbox, contact_id, contacts_see="")
    assert await shown(inbox, contact_id) == {asked, answer, note}


async def test_r37_a_deleted_task_is_not_shown(inbox: Inbox) -> None:
    task_id, contact_id, *_comments = await talk(inbox)
    me = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: tasks.delete(uow, AgentActor(me), (task_id,)))
    assert await looks(inbox, contact_id, "all") == {}


async def test_r10_r37_an_agent_looks_only_at_what_that_agent_may_see(own_store: Store) -> None:
    inbox = await Inbox.make(
        own_store, mail_account(), mail_account("own", role="personal", owner="boris")
    )
    await inbox.mails("Private", account="own")
    with pytest.raises(NotFound):
        await looks(inbox, 1)
    open_to_all = await inbox.mails("For all")
    assert set(await looks(inbox, 1)) == {open_to_all}
    await inbox.store.close()


async def test_r37_a_robot_s_and_a_colleague_s_mail_are_not_the_contact_s(inbox: Inbox) -> None:
    _task, contact_id, asked, _answer, _note = await talk(inbox)
    # Somebody claims to have written to Maria, too; a header proves nothing.
    other = await inbox.mails(
        "To you both", sender="eve@evil.example", to=(Party("maria@client.example"),)
    )
    assert asked in await shown(inbox, contact_id)
    assert other not in await shown(inbox, contact_id)


async def test_r39_with_notified_turning_access_on_reveals_nothing(inbox: Inbox) -> None:
    _task, contact_id, *_comments = await talk(inbox)
    await access(inbox, contact_id, portal=True)


async def test_r39_another_setting_first_lists_what_would_become_visible(inbox: Inbox) -> None:
    _task, contact_id, _asked, _answer, note = await talk(inbox)
    with pytest.raises(WouldReveal) as refusal:
        await access(inbox, contact_id, portal=True, contacts_see="all")
    assert [look.comment_id for look in refusal.value.looks] == [note]
    await access(inbox, contact_id, portal=True, contacts_see="all", force=True)
    # What is visible already is no news.
    await access(inbox, contact_id, contacts_see="all")
    with pytest.raises(UsageError, match="known: notified"):
        await access(inbox, contact_id, contacts_see="everything")


async def test_r49_colleagues_tasks_are_listed_before_they_are_on_the_page(inbox: Inbox) -> None:
    """With "company" their tasks are the contact's, too, by whatever the contact comes to it."""
    _task, maria, asked, answer, _note = await talk(inbox)
    other = await task_of(inbox, await inbox.mails("Mine", sender="olga@client.example"))
    olga = (await the_task(inbox, other)).contact_id or 0
    await access(inbox, maria, company="Client")
    await access(inbox, olga, portal=True, contacts_see="company")
    with pytest.raises(WouldReveal) as refusal:
        await access(inbox, olga, company="Client")
    assert [look.comment_id for look in refusal.value.looks] == [asked, answer]
    assert {look.contact_id for look in refusal.value.looks} == {olga}
    await access(inbox, olga, company="Client", force=True)
    assert await shown(inbox, olga) >= {asked, answer}


async def test_r39_the_company_s_setting_is_looked_at_for_all_with_access(inbox: Inbox) -> None:
    _task, contact_id, _asked, _answer, note = await talk(inbox)
    async with inbox.store.read() as uow:
        assert await revealing.by_setting(uow, "all") == []
    await access(inbox, contact_id, portal=True)
    async with inbox.store.read() as uow:
        found = await revealing.by_setting(uow, "all")
    assert [(look.contact_id, look.comment_id) for look in found] == [(contact_id, note)]


async def test_r39_a_card_s_own_setting_is_never_changed_unseen(inbox: Inbox) -> None:
    _task, contact_id, *_comments = await talk(inbox)
    await access(inbox, contact_id, portal=True)
    me = inbox.agent_ids["anna"]
    with pytest.raises(Refused, match="would become visible"):
        await inbox.store.run(
            lambda uow: contacts.set_(uow, AgentActor(me), contact_id, contacts_see="all")
        )
