"""R46: a file that is published is had by whoever knows its address, and harmless in a browser."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from pfinbox.domain.actor import SystemActor
from pfinbox.domain.contract.files import File
from pfinbox.domain.listening import Listening
from pfinbox.domain.outbound import published
from pfinbox.domain.outbound.published import PublishedFile
from pfinbox.services.inbox import ProgramInbox
from pfinbox.store.files import sha256
from pfinbox.store.load import purged
from pfinbox.web.app import application
from pfinbox.web.server import Door
from pfinbox.web.site import Site
from tests.builders import Inbox, a_file


@pytest.fixture
async def base(inbox: Inbox) -> AsyncIterator[str]:
    site = Site("https://x.example", None, hooks={"bot": lambda _request: None})  # type: ignore[dict-item,return-value]
    program = ProgramInbox(inbox.store, SystemActor("web"))
    door = Door(application(program, site), Listening("127.0.0.1"))
    await door.open()
    yield f"http://{door.address}"
    await door.close()


async def address(inbox: Inbox, file: File) -> str:
    async with inbox.store.read() as uow:
        key = await purged.mac_key(uow)
    told = PublishedFile(sha256(file.content), file.name, file.media_type)
    return published.path(key, told, inbox.clock.now)


@pytest.mark.parametrize(
    ("media_type", "shown"),
    [("image/png", "image/png"), ("image/svg+xml", None), ("text/html", None)],
)
async def test_r46_whoever_knows_the_address_gets_the_file(
    inbox: Inbox, base: str, media_type: str, shown: str | None
) -> None:
    file = a_file("a/б;\r\n.x", b"<script>", media_type)
    await inbox.says(files=(file,))
    async with (
        aiohttp.ClientSession() as session,
        session.get(base + await address(inbox, file)) as answer,
    ):
        assert await answer.read() == b"<script>"
        assert answer.content_type == (shown or "application/octet-stream")
        assert answer.headers["Content-Disposition"].startswith(
            "inline;" if shown else "attachment;"
        )
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_r46_no_other_address_gives_anything(inbox: Inbox, base: str) -> None:
    file = a_file()
    await inbox.says(files=(file,))
    right, gone = await address(inbox, file), await address(inbox, a_file(content=b"purged"))
    inbox.clock.advance(days=3)
    async with aiohttp.ClientSession() as session:
        for path in (right, gone, "/f/x/y", "/f/" + "A" * 200 + "/y", "/f/../../etc/passwd"):
            async with session.get(base + path) as answer:
                assert answer.status == 404
