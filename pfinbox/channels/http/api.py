"""A service's API over HTTP: one account's secrets, its pace, and what a refusal means.

Each service has a class of its own over ``Api``, which says what is sent along with every call
(``head``), where a refusal stands (``refused``, and ``result`` where a refusal is answered with
200), and what it means for the account or the message (``refusal``).
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from pfinbox.channels.http.connection import Answer, Broken, Connection, NotConnected
from pfinbox.channels.http.pace import Pace
from pfinbox.domain.contract.channel import (
    AccountFailure,
    ChannelError,
    PermanentFailure,
    TemporaryFailure,
    UnknownOutcome,
)
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.contract.settings import Secret
from pfinbox.errors import PfinboxError

_AGAIN_AFTER = 1.0
# An answer that is not as described.
_UNDESCRIBED = (LookupError, TypeError, ValueError, AttributeError)


class Refused(Exception):
    """The service has answered that it will not: certainly nothing was done.

    ``status`` is HTTP's, 0 where the service says no with a status of 200; ``code`` and ``told``
    are the service's own, ``told`` without secrets.
    """

    def __init__(
        self,
        status: int,
        code: int | str = "",
        told: str = "",
        retry_after: float | None = None,
    ) -> None:
        known = (str(one) for one in (status, code, told) if one not in (0, ""))
        super().__init__(" ".join(known))
        self.status = status
        self.code = code
        self.retry_after = retry_after


class Api:
    """One account at a service. ``name`` is the service's, for people."""

    name: str

    def __init__(
        self, base: str, *, rate: float, ca_file: str | None = None, pace: Pace | None = None
    ) -> None:
        self.base = base.rstrip("/")
        self.host = urlsplit(self.base).netloc
        self._connection = Connection(self.host, ca_file)
        self._pace = pace or Pace(rate)
        self._revealed: dict[int, str] = {}
        self._hidden: set[str] = set()

    # -- what a service says of itself

    async def head(self) -> Mapping[str, str]:
        """What is sent along with every call."""
        return {}

    def refused(self, answer: Answer) -> Refused:
        """A refusal by its status (4xx)."""
        return Refused(answer.status, retry_after=answer.retry_after)

    def result(self, told: Any) -> Any:
        """What is in a good answer; raises Refused where that is a refusal."""
        return told

    def refusal(self, refused: Refused) -> ChannelError:
        """What a refusal means."""
        said = self.said(refused)
        if refused.status == 401:
            return AccountFailure(Reason("auth_failed", said))
        if refused.status in (408, 425, 429):
            return TemporaryFailure(Reason("rejected", said), refused.retry_after or _AGAIN_AFTER)
        return PermanentFailure(Reason("rejected", said))

    # -- calling

    async def call(self, method: str, path: str, *, seconds: float = 60.0, **given: Any) -> Any:
        """The JSON that is answered. Raises Refused, NotConnected or Broken."""
        head = await self.head()
        await self._pace.turn()
        told = await self.answered(
            method, f"{self.base}{path}", seconds=seconds, headers=head, **given
        )
        return self.result(told)

    async def answered(self, method: str, url: str, **given: Any) -> Any:
        """The JSON that the service answers to a request without the head of a call."""
        answer = await self.ask(method, url, **given)
        if 400 <= answer.status < 500:
            raise self.refused(answer)
        if not answer.good:
            raise Broken(f"HTTP {answer.status}")
        return answer.json()

    async def taken(self, url: str, form: Any, *, seconds: float = 60.0) -> Any:
        """The JSON that a host of uploads answers to a file, which no secret goes along with.

        A refusal is of that address, which the service gave for once: it says nothing of the
        account or of the chat.
        """
        answer = await self.ask("POST", url, data=form, seconds=seconds)
        if not answer.good:
            raise Broken(f"HTTP {answer.status}")
        return answer.json()

    async def ask(self, method: str, url: str, **given: Any) -> Answer:
        """See ``Connection.ask``."""
        return await self._connection.ask(method, url, **given)

    async def reveal(self, secret: Secret) -> str:
        """A secret, read when it is needed first: a command may take its time."""
        known = self._revealed.get(id(secret))
        if known is None:
            try:
                known = (await asyncio.to_thread(secret.reveal)).strip()
            except (PfinboxError, OSError) as error:
                raise AccountFailure(Reason("secret_unreadable", {"detail": str(error)})) from error
            self._revealed[id(secret)] = known
            self.hide(known)
        return known

    def hide(self, secret: str) -> None:
        """It stands in no reason from here on."""
        if secret:
            self._hidden.add(secret)

    def clean(self, told: object) -> str:
        """What the service said, shortened and without secrets."""
        text = str(told or "")[:1000]
        for secret in self._hidden:
            text = text.replace(secret, "…")
        return text[:300]

    # -- failing

    @contextmanager
    def channel_errors(self, *, sending: bool = False) -> Iterator[None]:
        """What goes wrong within is raised as the ChannelError that it means.

        ``sending``: the message may have left, so that without an answer its fate is unknown.
        """
        try:
            yield
            return
        except (Refused, NotConnected, Broken, *_UNDESCRIBED) as error:
            failed = self.failure(error, sending=sending)
        raise failed from None

    def failure(self, problem: Exception, *, sending: bool = False) -> ChannelError:
        if isinstance(problem, Refused):
            return self.refusal(problem)
        detail = str(problem) if isinstance(problem, NotConnected | Broken) else ""
        said = {"host": self.host, "detail": detail or type(problem).__name__}
        if isinstance(problem, NotConnected):
            kind = "tls_failed" if problem.tls else "connection_failed"
            return TemporaryFailure(Reason(kind, said))
        if sending:
            return UnknownOutcome(Reason("outcome_unknown", {"detail": said["detail"]}))
        return TemporaryFailure(Reason("connection_failed", said))

    def said(self, refused: Refused) -> dict[str, str]:
        """The arguments of a reason that quotes the service."""
        return {"detail": f"{self.name} {refused}"}

    async def close(self) -> None:
        await self._connection.close()
