"""What the first start needs done: trying accounts and writing the file, by whoever knows how."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Protocol

from pfinbox.domain.contract.setup import Answers, Setup
from pfinbox.record import record


@record
class Line:
    """One thing that was tried, and what is wrong with it (None: nothing).

    ``kind`` is the stable word of what is wrong (``Reason.kind``), "" where there is none.
    """

    subject: str
    problem: str | None = None
    kind: str = ""


@record
class Outcome:
    """What the program goes on with: the inbox, the demo, or nothing."""

    go_on: str = ""  # inbox, demo or ""


class SetupGate(Protocol):
    """Collects a configuration; nothing is written before ``write``."""

    @property
    def path(self) -> str:
        """The file that will be written, for people."""

    @property
    def inbox_at(self) -> str | None:
        """The file that the inbox will be in; None where it is a server's."""

    @property
    def staffed(self) -> bool:
        """Whether the database that was looked at has agents already."""

    @property
    def used_before(self) -> bool:
        """Whether an inbox without accounts has been used here already."""

    def channels(self) -> Sequence[tuple[str, Setup]]:
        """What an account can be made of, by the channel's name."""

    def account(self, channel: str, answers: Answers, name: str | None) -> str:
        """Put an account into the configuration, in place of ``name``; returns its name."""

    def forget(self, name: str | None = None) -> None:
        """Leave an account out again; without a name, everything."""

    def examine(self, name: str) -> AsyncIterator[Line]:
        """Try an account for real."""

    def posts_to(self, name: str) -> str | None:
        """The address of an account that can write to itself."""

    def post(self, name: str) -> AsyncIterator[Line]:
        """Send a message to itself and see it arrive."""

    def database(self, url: Any) -> None:
        """Another database than the usual file: its address, or where that comes from."""

    def look(self) -> AsyncIterator[Line]:
        """Try the database."""

    def person(self) -> tuple[str, str]:
        """A likely login and name of whoever sits here."""

    def preview(self, login: str) -> str:
        """The file as it will be, without the secrets."""

    async def write(self, login: str, name: str) -> None:
        """Make the store and the agent where they are missing, then the file. Raises."""
