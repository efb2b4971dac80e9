"""Pictures of people are asked for beside all else: seldom, quietly, and never without end."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import func, select

from pfinbox.daemon.chores.picture_fetcher import PictureFetcher
from pfinbox.domain.contract.channel import (
    Capability,
    PermanentFailure,
    TemporaryFailure,
)
from pfinbox.domain.contract.pictures import picture_type
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.leasing import Process
from pfinbox.errors import NotFound
from pfinbox.services import queries
from pfinbox.services.privacy import erasing
from pfinbox.services.system import leases
from pfinbox.services.tasks import spam
from pfinbox.store import tables as t
from tests.builders import Inbox, chat_account
from tests.daemon.scripted import ScriptedChannel

GIF = b"GIF89a..."


class Showing(ScriptedChannel):
    """Each person's picture is the next one of ``answers``, at last always the same."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.answers: list[bytes | Exception | None] = [GIF]
        self.news: set[str] = set()
        self.meanwhile: Callable[[], Awaitable[bytes]] | None = None

    async def picture(self, chat_key: str, person: str) -> bytes | None:
        self.asked.append(person)
        if self.meanwhile is not None:
            return await self.meanwhile()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def redrawn(self) -> set[str]:
        news, self.news = self.news, set()
        return news


async def a_fetcher(inbox: Inbox) -> tuple[PictureFetcher, Showing]:
    await inbox.configure(chat_account(capabilities=Capability.PICTURES))
    lease = await inbox.store.run(lambda uow: leases.start(uow, Process("here", 1)))
    await inbox.store.run(lambda uow: leases.acquire(uow, lease, lambda _id, _name: True))
    channel = Showing()
    return PictureFetcher(inbox.store, lease, {inbox.account_ids["bot"]: channel}), channel


async def seen(inbox: Inbox, contact_id: int) -> bytes | None:
    try:
        return (await inbox.acting("anna").read(queries.picture, contact_id))[1]
    except NotFound:
        return None


async def test_r2_who_writes_is_asked_for_once_and_again_when_the_service_says_so(
    inbox: Inbox,
) -> None:
    fetcher, channel = await a_fetcher(inbox)
    await inbox.says("one", user="501")
    await inbox.says("two", user="501")
    await inbox.says("Buy!", user="502")
    await inbox.acting("anna").write(spam.spam, [2])
    for _ in range(2):
        await fetcher.run_once()
    assert channel.asked == ["501"]
    assert await seen(inbox, 1) == GIF
    channel.answers = [None]
    for asked in (1, 2):
        channel.news = {"501", "502", "nobody"}
        await fetcher.run_once()
        assert channel.asked == ["501"] * asked
        inbox.clock.advance(days=1)
    assert await seen(inbox, 1) is None


async def test_r34_a_person_who_is_erased_meanwhile_leaves_no_picture(inbox: Inbox) -> None:
    fetcher, channel = await a_fetcher(inbox)
    await inbox.says("one", user="501")

    async def erased() -> bytes:
        await inbox.acting("anna").write(erasing.erase_contact, 1)
        return GIF

    channel.meanwhile = erased
    await fetcher.run_once()
    assert channel.asked == ["501"]
    async with inbox.store.read() as uow:
        assert await uow.connection.scalar(select(func.count()).select_from(t.picture)) == 0


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize(
    ("error", "hours"),
    [
        (TemporaryFailure(Reason("rejected")), 1),
        (TimeoutError(), 1),
        (PermanentFailure(Reason("rejected")), 7 * 24),
    ],
)
async def test_r2_a_failure_is_quiet_keeps_what_was_there_and_is_not_repeated_at_once(
    inbox: Inbox, error: Exception, hours: int
) -> None:
    fetcher, channel = await a_fetcher(inbox)
    await inbox.says("one", user="501")
    await fetcher.run_once()
    inbox.clock.advance(days=8)
    channel.answers = [error, GIF]
    asked = []
    for wait in (0, hours - 0.5, 1):
        inbox.clock.advance(hours=wait)
        await inbox.says(f"after {wait}", user="501")
        await fetcher.run_once()
        asked.append(len(channel.asked))
        assert await seen(inbox, 1) == GIF
    assert asked == [2, 2, 3]


def test_a_picture_is_what_its_first_bytes_say() -> None:
    assert picture_type(GIF) == "image/gif"
    assert picture_type(b"RIFF1234WEBPVP8 ") == "image/webp"
    for other in (b"RIFF1234WAVE", b"<svg/>", b"", b"%PDF-1.7", b"BM6"):
        assert picture_type(other) is None
