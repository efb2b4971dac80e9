"""Services that push, from a request at the real door to the answer that they take (R1, R20)."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from pfinbox.bootstrap.door import make_door
from pfinbox.domain.contract.files import File
from pfinbox.domain.listening import Listening
from pfinbox.domain.model import Notify, Who
from pfinbox.services import queries
from pfinbox.services.comments.comments import CommentRequest, add_comment
from pfinbox.store.rows import TaskRow
from tests.end_to_end.house import House, a_house
from tests.servers.avito import ITEM, Avito
from tests.servers.avito.server import CLIENT_ID, CLIENT_SECRET, SELLER
from tests.servers.viber import TOKEN, Viber

PICTURE = File("снимок.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(64))


@pytest.fixture
def kind() -> str:
    """What a store makes of it has tests of its own, on each database."""
    return "sqlite"


@pytest.fixture
def config_path(tmp_path: Path, store_url: str, viber_server: Viber, avito_server: Avito) -> Path:
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
[accounts.bot]
channel = "viber"
token = "{TOKEN}"
api_base = "{viber_server.api_base}"
[accounts.ads]
channel = "avito"
client_id = "{CLIENT_ID}"
client_secret = "{CLIENT_SECRET}"
user_id = {SELLER}
api_base = "{avito_server.base}"
"""
    )
    path.chmod(0o600)
    return path


async def _answer(house: House, task: TaskRow) -> None:
    assert task.contact is not None
    notify = Notify((Who("contact", task.contact.id),))
    request = CommentRequest(task_id=task.id, text="Да", notify=notify, attachments=(PICTURE,))
    saved = await house.inbox.write(add_comment, request)
    await house.delivered(saved.comment_id, task.id)


async def test_a_message_is_pushed_in_and_the_answer_with_a_picture_is_taken(
    config_path: Path, viber_server: Viber, avito_server: Avito
) -> None:
    async with a_house(config_path) as house, aiohttp.ClientSession() as outside:
        door = await make_door(house.store, house.config, Listening("127.0.0.1"))
        await door.open()

        async def push(url: str, body: bytes, **head: str) -> None:
            there = f"http://{door.address}{urlsplit(url).path}"
            async with outside.post(there, data=body, headers=head) as answer:
                assert answer.status == 200

        async def push_viber(body: bytes, signature: str) -> None:
            address = str(viber_server.webhook["url"])
            await push(address, body, **{"X-Viber-Content-Signature": signature})

        viber_server.push, avito_server.push = push_viber, push
        await house.accounts_are("ok")
        await viber_server.says("Where is my order?")
        await avito_server.says("Ещё продаёте?")
        by_viber = await house.task("Where is my order?")
        by_avito = await house.task("Mazda 3 2008")
        for task in (by_viber, by_avito):
            await _answer(house, task)
        text, picture = viber_server.sent
        assert (text["text"], picture["type"]) == ("Да", "picture")
        async with outside.get(f"http://{door.address}{urlsplit(picture['media']).path}") as given:
            assert (await given.read(), given.content_type) == (PICTURE.content, "image/png")
        assert list(avito_server.images.values()) == [PICTURE.content]
        conversation = await house.inbox.read(queries.conversation, by_avito.id)
        about = {"topic": f"Mazda 3 2008, 300 000 ₽, {ITEM['url']}"}
        assert [one.args for one in conversation.activities] == [about]
        await door.close()
