"""``pfinbox search``: comments of all tasks that this agent may see."""

from tests.builders import Inbox, mail_account
from tests.cli.conftest import Cli, on_both


async def talk(inbox: Inbox) -> None:
    await inbox.says("Where is my invoice?", name="Maria")
    await inbox.says("Nothing about it", user="2", name="Jan")
    await inbox.says("The invoice again", name="Maria")


@on_both
def test_a_hit_has_the_promised_shape(cli: Cli) -> None:
    cli.inbox(talk)
    hits = cli.json("search", "invoice")
    assert [set(hit) for hit in hits] == 2 * [{"task_id", "comment_id", "snippet"}]
    assert [(hit["task_id"], hit["comment_id"]) for hit in hits] == [(1, 3), (1, 1)]
    assert "invoice again" in hits[0]["snippet"]
    assert len(cli.json("search", "invoice", "--limit", 1)) == 1
    assert cli.json("search", "unicorn") == []
    assert "Where is my invoice?" in cli("search", "where", "invoice").out
    cli("search", code=2)


def test_a_colleagues_own_mail_is_not_found_r10(cli: Cli) -> None:
    async def private(inbox: Inbox) -> None:
        await inbox.configure(mail_account("boris", role="personal", owner="boris"))
        await inbox.mails("A secret invoice", account="boris")

    cli.inbox(private)
    assert cli.json("search", "invoice") == []
    assert len(cli.json("search", "invoice", agent="boris")) == 1
