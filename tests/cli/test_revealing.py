"""Whatever widens what a contact may see first lists the words that would be seen (R39, R49)."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.model import Notify
from pfinbox.services.merging import contact_merging
from pfinbox.services.people import portal_view
from pfinbox.services.system import configuration
from pfinbox.store import tables as t
from tests.builders import STATUSES, Inbox, chat_account, client, mail_account
from tests.cli.conftest import Cli

# What each verb is given: cards Maria and Jan, their tasks, Jan's first comment, and the note.
Group = dict[str, int]


async def _group(inbox: Inbox, name: str, account: str = "support") -> Group:
    """Maria asks by chat; Jan by mail, gets an answer, and a colleague notes a secret."""
    maria = await _row(inbox, await inbox.says(f"Maria of {name}", user=name, name=f"M {name}"))
    sender = f"jan@{name}.example"
    jan = await _row(inbox, await inbox.mails(f"Jan of {name}", sender=sender, account=account))
    answer = await inbox.comment(jan.task_id, f"answer of {name}", to=[client(jan.contact_id)])
    note = await inbox.comment(jan.task_id, f"secret of {name}", notify=Notify())
    async with inbox.store.write() as uow:
        sent = update(t.delivery).where(t.delivery.c.comment_id == answer.comment_id)
        await uow.connection.execute(sent.values(state="sent"))
        cards = update(t.contact).where(t.contact.c.id.in_([maria.contact_id, jan.contact_id]))
        await uow.connection.execute(cards.values(selectable=True))
        await uow.commit()
    return {
        "maria": maria.contact_id,
        "jan": jan.contact_id,
        "first": maria.task_id,
        "second": jan.task_id,
        "said": jan.id,
        "note": note.comment_id,
    }


async def _row(inbox: Inbox, comment_id: int) -> Any:
    async with inbox.store.read() as uow:
        query = select(t.comment).where(t.comment.c.id == comment_id)
        return (await uow.connection.execute(query)).one()


async def _set(inbox: Inbox, table: Any, row: int, **values: object) -> None:
    async with inbox.store.write() as uow:
        await uow.connection.execute(update(table).where(table.c.id == row).values(**values))
        await uow.commit()


async def _joins(inbox: Inbox, task: int, contact: int) -> None:
    async with inbox.store.write() as uow:
        await uow.add(t.participant, task_id=task, contact_id=contact)
        await uow.commit()


# By name: who has access to what before, the words of the command, and what it would reveal.
VERBS: dict[str, tuple[str, Sequence[str], Sequence[str]]] = {
    "access": ("", ("contact set {jan} --portal on",), ("secret",)),
    "setting": ("notified", ("contact set {jan} --contacts-see all",), ("secret",)),
    "company": ("company", ("contact set {maria} --company ACME",), ("Jan", "answer")),
    "theircompany": ("company", ("contact set {jan} --company ACME",), ("Jan", "answer")),
    "adding": ("all", ("task set {second} --participant contact:{maria}",), ("secret", "Jan")),
    "addingfew": ("contacts", ("task set {second} --participant contact:{maria}",), ("answer",)),
    "client": ("all", ("task set {second} --contact {maria}",), ("secret", "answer")),
    "cards": ("all", ("contact merge {maria} {jan}",), ("secret",)),
    "uncards": ("all", ("contact unmerge {jan}",), ("secret",)),
    "tasks": ("all", ("task merge {first} {second} --reply-via bot",), ("secret", "answer")),
    "moving": ("all", ("task move-comment {said} --to {first}",), ("Jan",)),
    "hidden": ("all", ("task edit-comment {note} --unhide",), ("secret",)),
    "sharing": ("all", ("task set {second} --assignee agent:boris",), ("secret",)),
    "sharingtwo": ("all", ("task set {second} --participant agent:boris",), ("secret",)),
}
OF_JAN = {"access", "setting", "uncards", "hidden", "sharing", "sharingtwo"}


async def _world(inbox: Inbox) -> dict[str, Group]:
    own = mail_account("own", role="personal", owner="anna")
    await inbox.configure(mail_account(), chat_account(), own)
    groups = {}
    for name, (setting, _verb, _words) in VERBS.items():
        group = await _group(inbox, name, "own" if name.startswith("sharing") else "support")
        groups[name] = group
        reader = group["jan" if name in OF_JAN else "maria"]
        values = {"contacts_see": setting or "all", "portal": bool(setting)}
        await _set(inbox, t.contact, reader, **values)
    for name, has in (("company", "jan"), ("theircompany", "maria")):
        await _set(inbox, t.contact, groups[name][has], company="ACME")
        await _joins(inbox, groups[name]["second"], groups[name]["maria"])
    await _set(inbox, t.comment, groups["hidden"]["note"], hidden=True)
    anna, cards = inbox.agent_ids["anna"], groups["uncards"]
    await inbox.store.run(
        lambda uow: contact_merging.merge_contacts(
            uow, AgentActor(anna), cards["maria"], [cards["jan"]]
        )
    )
    return groups


async def _photo(inbox: Inbox) -> dict[str, list[Any]]:
    async with inbox.store.read() as uow:
        return {
            table.name: list(
                await uow.connection.execute(select(table).order_by(*table.primary_key))
            )
            for table in t.metadata.sorted_tables
        }


def test_r39_r49_every_verb_that_widens_lists_the_words_first(cli: Cli) -> None:
    groups = cli.inbox(_world)
    before = cli.inbox(_photo)
    verbs = {
        name: verb.format(**groups[name]).split()
        for name, (_setting, (verb,), _words) in VERBS.items()
    }
    for name, words in verbs.items():
        said = cli(*words, code=6)
        for word in VERBS[name][2]:
            assert f"    {word} of {name}" in said.out, (name, said)
        assert "would become visible" in said.err
        listed = json.loads(cli.raw(*words, "--json").out)["would_reveal"]
        assert {one["text"].split()[0] for one in listed} >= set(VERBS[name][2]), name
    assert cli.inbox(_photo) == before
    for words in verbs.values():
        cli(*words, "--force")

    async def seen(inbox: Inbox) -> dict[str, list[str]]:
        found = {}
        async with inbox.store.read() as uow:
            for name, group in groups.items():
                reader = group["jan" if name in OF_JAN else "maria"]
                looks = await portal_view.portal_view(uow, inbox.actor("anna"), reader)
                found[name] = [look.text.split()[0] for look in looks if look.shown]
        return found

    for name, texts in cli.inbox(seen).items():
        assert set(texts) >= set(VERBS[name][2]), name


def test_r49_a_wider_contacts_see_of_the_config_waits_for_a_person(cli: Cli) -> None:
    """At its start the daemon keeps to the setting of before; narrower ones hold at once."""

    async def talked(inbox: Inbox) -> Group:
        group = await _group(inbox, "config")
        await _set(inbox, t.contact, group["jan"], portal=True)
        return group

    jan = cli.inbox(talked)["jan"]

    def starts(setting: str) -> None:
        async def start(inbox: Inbox) -> None:
            setups, inbox_settings = (mail_account(), chat_account()), {"contacts_see": setting}
            await inbox.store.run(
                lambda uow: configuration.configure(uow, setups, STATUSES, inbox_settings)
            )

        cli.inbox(start)

    def seen() -> list[str]:
        looks = cli.json("contact", "show", jan, "--see-as", "now")
        return [look["reason"]["kind"] for look in looks if look["shown"]]

    starts("all")
    assert seen() == ["own_message", "was_notified"]
    said = cli.raw("doctor")
    assert "all would show contacts what they never got" in said.out + said.err
    said = cli("contact", "contacts-see", code=6)
    assert "    secret of config" in said.out
    # It is everybody's setting.
    said = cli("contact", "contacts-see", "--force", agent="boris", code=6)
    assert "only an admin" in said.err
    # Another start changes nothing.
    starts("all")
    assert len(seen()) == 2
    assert cli.json("contact", "contacts-see", "--force") == {"contacts_see": "all"}
    starts("all")
    assert len(seen()) == 3
    starts("notified")
    assert len(seen()) == 2
    assert cli("contact", "contacts-see").out == "contacts see: notified\n"


def test_r49_who_comes_in_by_writing_sees_only_what_they_got(cli: Cli) -> None:
    """Nobody is asked when a mail arrives: an agent adds them, after reading the list."""

    async def writes(inbox: Inbox) -> Group:
        group = await _group(inbox, "writes")
        other = await _row(inbox, await inbox.mails("Me too", sender="ewa@writes.example"))
        await _set(inbox, t.contact, other.contact_id, portal=True, contacts_see="all")
        await _set(inbox, t.contact, other.contact_id, selectable=True)
        said = await _row(inbox, group["said"])
        await inbox.mails("And here", sender="ewa@writes.example", tokens=(f"c{said.chat_id}",))
        return {**group, "ewa": other.contact_id}

    group = cli.inbox(writes)
    words = ("task", "set", group["second"], "--participant", f"contact:{group['ewa']}")
    looks = cli.json("task", "show", group["second"], "--as-contact", group["ewa"])
    assert [look["shown"] for look in looks] == [False, False, False, True]
    assert "    secret of writes" in cli(*words, code=6).out
    cli(*words, "--force")
    looks = cli.json("task", "show", group["second"], "--as-contact", group["ewa"])
    assert [look["shown"] for look in looks] == [True, True, True, True]


def test_r39_with_notified_nothing_is_revealed_by_any_of_them(cli: Cli) -> None:
    async def talked(inbox: Inbox) -> Group:
        group = await _group(inbox, "quiet")
        for who in ("maria", "jan"):
            await _set(inbox, t.contact, group[who], portal=True, company="ACME")
        return group

    group = cli.inbox(talked)
    for verb in (
        "contact set {jan} --company Other --contacts-see notified",
        "task set {second} --participant contact:{maria}",
        "task edit-comment {note} --hide",
        "task edit-comment {note} --unhide",
        "contact merge {maria} {jan}",
        "task merge {first} {second} --reply-via bot",
        "task unmerge {second}",
        "contact unmerge {jan}",
    ):
        cli(*verb.format(**group).split())
