"""What an answer quotes: of its own task, seen by its author and by whoever gets it (R19, R46)."""

from pfinbox.domain.actor import AgentActor
from pfinbox.services.merging.merging import merge_tasks
from pfinbox.services.merging.unmerging import unmerge_task
from tests.builders import Inbox, client, mail_account
from tests.cli.conftest import Cli


async def talked(inbox: Inbox) -> None:
    """Maria's task with a note; Olga's; and a task of anna's own mailbox."""
    await inbox.configure(mail_account(), mail_account("annapriv", role="personal", owner="anna"))
    await inbox.mails("Where is it?")
    await inbox.comment(1, "She pays late", to=[])
    await inbox.mails("I am Olga", sender="olga@client.example", name="Olga")
    await inbox.mails("topsecretword", account="annapriv", sender="x@client.example", name="X")


def test_a_comment_of_another_task_is_not_found_r19_r46(cli: Cli) -> None:
    cli.inbox(talked)
    for quoted, options in ((3, ()), (4, ()), (4, ("--quote-unseen",)), (99, ())):
        for how in (("--notify", "client"), ("--internal",), ("--notify", "client", "--dry-run")):
            words = ("task", "comment", 1, "--text", "x", "--quote", quoted, *how, *options)
            said = cli(*words, agent="boris", code=5)
            assert "secret" not in said.out + said.err
            assert "Olga" not in said.out + said.err
    assert len(cli.json("task", "show", 1)["comments"]) == 2


def test_words_that_a_recipient_has_not_seen_are_asked_about_r19(cli: Cli) -> None:
    cli.inbox(talked)
    note = ("task", "comment", 1, "--text", "Soon", "--quote", 2)
    said = cli(*note, "--notify", "client", code=6)
    assert "Maria would see words that were not said to them" in said.err
    assert "--quote-unseen" in said.err
    # --force goes past news and nothing else.
    cli(*note, "--notify", "client", "--force", code=6)
    dry = cli.json(*note, "--notify", "client", "--dry-run")
    assert [one["kind"] for one in dry["warnings"]] == ["quote_unseen"]
    assert len(cli.json("task", "show", 1)["comments"]) == 2
    # Among colleagues there is nothing to ask, nor with what the client wrote or got.
    assert cli.json(*note, "--internal")["quote"]["text"] == "She pays late"
    first = cli.json("task", "comment", 1, "--text", "Sent", "--quote", 1, "--notify", "client")
    assert first["quote"] == {"comment_id": 1, "text": "Where is it?"}
    again = ("task", "comment", 1, "--text", "Yes", "--quote", first["id"], "--notify", "client")
    assert cli.json(*again)["quote"]["text"] == "Sent"
    # What is to leave tomorrow has not been said today.
    tomorrow = ("task", "comment", 1, "--text", "Later", "--notify", "client", "--send-at", "in 9h")
    later = cli.json(*tomorrow)["id"]
    cli("task", "comment", 1, "--text", "x", "--notify", "client", "--quote", later, code=6)
    said_on_purpose = cli.json(*note, "--notify", "client", "--quote-unseen")
    assert said_on_purpose["quote"] == {"comment_id": 2, "text": "She pays late"}


async def merged(inbox: Inbox) -> None:
    await talked(inbox)
    await inbox.comment(1, "To Maria", to=[client(1)])


def test_another_clients_words_in_a_merged_task_are_asked_about_r19_r32(cli: Cli) -> None:
    cli.inbox(merged)
    cli("task", "merge", 1, 2, "--force")
    words = ("task", "comment", 1, "--text", "x", "--notify")
    cli(*words, "client", "--quote", 3, code=6)
    cli(*words, "contact:2", "--quote", 3)
    # Maria has it, Olga has not.
    said = cli(*words, "client", "--notify", "contact:2", "--quote", 5, code=6)
    assert "Olga would see" in said.err
    assert "Maria" not in said.err


async def parted(inbox: Inbox) -> None:
    """Anna's task was a part of Maria's, and its words were quoted to Maria on purpose."""
    await talked(inbox)
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: merge_tasks(uow, AgentActor(anna), 1, [3], force=True))
    await inbox.comment(1, "See", to=[client(1)], quote_id=4, quote_unseen="send")
    await inbox.store.run(lambda uow: unmerge_task(uow, AgentActor(anna), 3))


def test_a_quotation_does_not_lead_into_a_task_that_is_a_colleagues_again_r46(cli: Cli) -> None:
    cli.inbox(parted)
    hers, his = (cli.json("task", "show", 1, agent=who) for who in ("anna", "boris"))
    assert hers["comments"][-1]["quote"] == {"comment_id": 4, "text": "topsecretword"}
    # What Maria was told is said in her task; where it comes from is not.
    assert his["comments"][-1]["quote"] == {"comment_id": None, "text": "topsecretword"}
    assert [one["kind"] for one in hers["activities"]][-2:] == ["merged", "unmerged"]
    assert "merged" not in str(his["activities"])
