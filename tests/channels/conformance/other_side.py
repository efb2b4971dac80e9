"""The other side of one account, as the suite drives it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pfinbox.domain.contract.channel import AccountContext, Channel, ChannelSpec
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.settings import Secret, check

MAC_KEY = b"k" * 32


class Trouble(StrEnum):
    """What may happen to the next hand-over."""

    TOO_MANY = "too many"  # 429, 4.7.1: certainly not taken, later
    REFUSED = "refused"  # 400, 550: never
    WRONG_SECRET = "wrong secret"  # 401, 535
    FAULT = "fault"  # 5xx: it may have been taken or not
    CUT = "cut"  # taken, and the connection breaks before the answer
    TRUNCATED = "truncated"  # taken, and the answer is no answer


@dataclass(frozen=True, slots=True)
class Got:
    """One message of ours as the client has it."""

    text: str
    files: tuple[tuple[str, bytes], ...] = ()


class CannotBe(Exception):
    """The service has no such thing; the case does not apply."""


class Configured:
    """An account as the configuration has it."""

    spec: ChannelSpec
    # As in the configuration; secrets as text.
    given: Mapping[str, Any]

    def settings(self) -> dict[str, Any]:
        return check(
            dict(self.given),
            self.spec.settings,
            where="accounts.it",
            source="test",
            secret=lambda value, _where: Secret(str(value)),
        )

    def open(self, **context: Any) -> Channel:
        """A new connection, as after a start of the daemon."""
        return self.spec.open(AccountContext("it", self.settings(), MAC_KEY, **context))

    def well_again(self) -> None:
        """The trouble is over, where it lasts until somebody ends it."""
        return


class OtherSide(Configured, ABC):
    """One client in one conversation with the account, and the service between them."""

    # What was said before the account's first start is none of ours.
    begins_now = False
    # What a client sends as a file, as the service tells of it.
    file = File("отчёт; a=b.pdf", "application/pdf", bytes(range(256)) * 40)
    # What can be made to happen to a hand-over.
    troubles: frozenset[Trouble] = frozenset()

    @property
    def telling(self) -> Mapping[str, Any]:
        """The configuration by which the service is told what was read."""
        return {**self.given, "read_receipts": True}

    # -- the client

    @abstractmethod
    async def says(self, text: str, *, name: str = "Maria", files: Sequence[File] = ()) -> str:
        """The client writes; returns what ``edits`` and ``deletes`` name the message by."""

    async def repeats(self) -> None:
        """What the service told last, it tells once more."""
        raise CannotBe

    async def edits(self, name: str, text: str) -> None:
        raise CannotBe

    async def deletes(self, name: str) -> None:
        raise CannotBe

    async def shows(self, picture: bytes) -> None:
        """The client has this picture from now on."""
        raise CannotBe

    async def nonsense(self) -> None:
        """An event of a kind that nobody has heard of yet."""
        raise CannotBe

    # -- what we send

    @abstractmethod
    async def got(self) -> list[Got]:
        """Our messages as the client has them, oldest first."""

    def trouble(self, trouble: Trouble) -> None:
        """This happens to the next hand-over, and to no other one."""
        raise CannotBe

    async def tells_back(self) -> None:
        """The service tells of our last message, whose answer was lost."""
        raise CannotBe

    async def reports_failure(self) -> None:
        """The service tells late that our last message has failed."""
        raise CannotBe

    async def loses(self) -> None:
        """What the client has written, the service gives to nobody any more."""
        raise CannotBe

    async def read(self) -> int:
        """How often the service was told that our side has read."""
        raise CannotBe

    async def close(self) -> None:
        """The test is over."""
        return
