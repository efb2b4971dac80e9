"""The generic webhook from README's own lines to the answer that is posted back (R1, R11, R15,
R24)."""

import asyncio
import json
import os
import re
import shutil
from pathlib import Path

import pytest

from pfinbox.bootstrap.door import make_door
from pfinbox.domain.listening import Listening
from pfinbox.domain.model import Notify, Who
from pfinbox.services import queries
from pfinbox.services.comments.comments import CommentRequest, add_comment
from tests.channels.webhook.conftest import SECRET, TOKEN, Target, target
from tests.end_to_end.house import a_house
from tests.servers.required import missing

__all__ = ["target"]

ROOT = Path(__file__).parent.parent.parent
LINES = re.findall(
    r"^<!-- webhook -->\n```sh\n(.*?)```\n<!-- /webhook -->$",
    (ROOT / "README.md").read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)


@pytest.fixture
def config_path(tmp_path: Path, store_url: str, target: Target) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(
        f"""
[database]
url = {json.dumps(store_url)}
[inbox]
undo_send = 0
[web]
listen = "127.0.0.1:0"
in_daemon = false
base_url = "http://127.0.0.1"
[web.portal]
enabled = false
[accounts.shop]
channel = "webhook"
secret = "{SECRET}"
planfix_token = "{TOKEN}"
send_url = "{target.url}"
"""
    )
    path.chmod(0o600)
    return path


async def readme_s_lines(door: str) -> list[dict[str, object]]:
    """What the door answers to README's lines, run by a shell."""
    for program in ("curl", "openssl", "bash"):
        if shutil.which(program) is None:
            missing(f"{program} is not installed")
    (lines,) = LINES
    secrets = {"PFINBOX_SHOP_SECRET": SECRET, "PFINBOX_SHOP_PLANFIX_TOKEN": TOKEN}
    shell = await asyncio.create_subprocess_exec(
        "bash",
        "-eu",
        "-c",
        lines.replace("https://support.example", door).replace('"\n', '"; echo\n'),
        env=os.environ | secrets,
        stdout=asyncio.subprocess.PIPE,
    )
    told, _nothing = await shell.communicate()
    assert shell.returncode == 0
    return [json.loads(line) for line in re.findall(r"\{.*?\}", told.decode())]


async def test_readme_s_lines_become_tasks_and_the_answer_goes_back(
    config_path: Path, target: Target
) -> None:
    async with a_house(config_path) as house:
        door = await make_door(house.store, house.config, Listening("127.0.0.1"))
        await door.open()
        answers = await readme_s_lines(f"http://{door.address}")
        assert [answer["ok"] for answer in answers] == [True, True, True]
        await house.task("Is it in stock?")
        task = await house.task("Where is my order?")
        question = await house.comment(task.id, "Where are my orders?")
        assert question.author.name == "Maria"
        notify = Notify((Who("contact", question.author.id),))
        saved = await house.inbox.write(
            add_comment, CommentRequest(task_id=task.id, text="On its way", notify=notify)
        )
        await house.delivered(saved.comment_id, task.id)
        ((_head, body),) = target.taken
        told = json.loads(body)
        assert (told["chat"], told["text"]) == ("order-17", "On its way")
        # The other side finds out late that it could not hand it on.
        report = {"event": "delivery", "id": "theirs-1", "state": "failed", "reason": "no credit"}
        curl = await asyncio.create_subprocess_exec(
            "curl", "-sS", f"http://{door.address}/hooks/shop/{SECRET}", "-d", json.dumps(report)
        )
        assert await curl.wait() == 0
        await house.delivered(saved.comment_id, task.id, "failed")
        conversation = await house.inbox.read(queries.conversation, task.id)
        assert len(conversation.comments) == 2
        await door.close()
