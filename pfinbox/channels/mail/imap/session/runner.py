"""How a command runs: every wait has a deadline, and any error ends the connection.

A connection is never used again after an error: the library loses track of commands that timed
out. Failures are raised as TemporaryFailure or AccountFailure with a reason.
"""

import asyncio
import ssl
from collections.abc import Coroutine
from typing import Any

from aioimaplib.aioimaplib import AioImapException, Command, Response

from pfinbox.channels.mail.server import tls_reason
from pfinbox.channels.mail.smtp import refusals
from pfinbox.domain.contract.channel import AccountFailure, ChannelError, TemporaryFailure
from pfinbox.domain.contract.reason import Reason

# Exchange Online lets in whom it has no mailbox for, or whose token is for another one.
_NOT_CONNECTED = "authenticated but not connected"


class Runner:
    """Runs the commands of one connection to a server."""

    def __init__(self, protocol: Any, host: str, timeout: float) -> None:
        self.protocol = protocol
        self.host = host
        self.timeout = timeout

    def abort(self) -> None:
        self.protocol.fail("closed")

    async def execute(self, command: Command) -> Response:
        return await self.protocol.execute(command)

    @staticmethod
    async def first(running: "asyncio.Future[Response]", other: Coroutine[Any, Any, Any]) -> None:
        also = asyncio.ensure_future(other)
        try:
            await asyncio.wait({running, also}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            also.cancel()

    async def answer(
        self, name: str, *arguments: str, prefix: str = "", seconds: float | None = None
    ) -> Response:
        """The answer to a command; a refusal is one, too."""
        protocol = self.protocol
        tag = protocol.new_tag()
        command = Command(name, tag, *arguments, prefix=prefix, loop=protocol.loop)
        return await self.run(self.execute(command), seconds)

    async def ok(
        self, name: str, *arguments: str, prefix: str = "", seconds: float | None = None
    ) -> Response:
        """The answer to a command that no server refuses unless something is wrong."""
        response = await self.answer(name, *arguments, prefix=prefix, seconds=seconds)
        if response.result != "OK":
            raise self.broken(f"{name}: {told(response)}")
        return response

    async def run(
        self,
        work: Coroutine[Any, Any, Any],
        seconds: float | None = None,
        *,
        quiet: bool = False,
    ) -> Any:
        """``work`` with a deadline of its own, ended at once when the connection is lost.

        ``quiet``: the deadline is no error.
        """
        seconds = self.timeout if seconds is None else seconds
        task = asyncio.ensure_future(work)
        lost = self.protocol.lost
        try:
            await asyncio.wait({task, lost}, timeout=seconds, return_when="FIRST_COMPLETED")
            if task.done():
                return task.result()
            if lost.done():
                why = lost.result()
                raise self.unreached(why) if self.protocol.gone else self.broken(why)
            if quiet:
                return None
            raise self.unreached(f"no answer within {seconds:.0f} s")
        except asyncio.CancelledError:
            self.abort()
            raise
        except ssl.SSLError as error:
            self.abort()
            raise TemporaryFailure(tls_reason(self.host, error)) from error
        except OSError as error:
            raise self.unreached(str(error)) from error
        except AioImapException as error:
            raise self.broken(type(error).__name__) from error
        finally:
            task.cancel()

    def is_busy(self, response: Response) -> bool:
        """Whether it would say no to anything now: nothing is wrong with what was asked."""
        return refusals.busy(self.host, told(response)) is not None

    def unreached(self, detail: str) -> TemporaryFailure:
        """The server has said nothing: the connection is at fault, or the machine behind it."""
        self.abort()
        return TemporaryFailure(
            Reason("connection_failed", {"host": self.host, "detail": detail[:300]})
        )

    def broken(self, detail: str) -> ChannelError:
        self.abort()
        args = {"host": self.host, "detail": detail[:300]}
        if _NOT_CONNECTED in detail:
            return AccountFailure(Reason("mailbox_not_connected", args))
        return refusals.busy(self.host, args["detail"]) or TemporaryFailure(
            Reason("server_error", args)
        )


def told(response: Response) -> str:
    """What the server said at the end, for a person."""
    last = bytes(response.lines[-1]) if response.lines else b""
    return " ".join(last.decode("utf-8", "replace").split())[:200]
