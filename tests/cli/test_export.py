"""``pfinbox export``: everything that an agent sees, for other programs."""

import json

from tests.builders import Inbox
from tests.cli.conftest import Cli, on_both


@on_both
def test_an_export_has_every_task_in_the_shape_of_task_show(cli: Cli) -> None:
    async def talked(inbox: Inbox) -> None:
        await inbox.says("Привет")
        await inbox.mails("Second")

    cli.inbox(talked)
    cli("task", "set", 1, "--status", "done")
    lines = [json.loads(line) for line in cli("export").out.splitlines()]
    assert lines == [cli.json("task", "show", n) for n in (1, 2)]
    assert [json.loads(line)["id"] for line in cli("export", "--query", "second").out.splitlines()]
