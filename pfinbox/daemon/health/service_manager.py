"""Telling the service manager that this daemon has begun, goes on and ends (sd_notify(3))."""

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import MutableMapping

from pfinbox.daemon.waking import woken
from pfinbox.errors import StoreError
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.services.inbox import ProgramInbox
from pfinbox.services.system import readiness

log = logging.getLogger(__name__)

# Seconds between two looks where nobody waits for a sign of life.
_LOOK_EVERY = 30.0
# A store that has not answered by then does not answer.
_ANSWER = 10.0


@record
class ServiceManager:
    """``address``: of its datagram socket, a path or an abstract name that begins with @.

    ``patience``: after so many seconds without a sign of life it starts the daemon anew; None:
    it waits for none.
    """

    address: str
    patience: float | None

    @classmethod
    def found(cls, environment: MutableMapping[str, str]) -> "ServiceManager | None":
        """Whoever started this process, if it wants to be told.

        The variables are taken away: a child that has them would speak in our name.
        """
        address = environment.pop("NOTIFY_SOCKET", "")
        usec, pid = environment.pop("WATCHDOG_USEC", ""), environment.pop("WATCHDOG_PID", "")
        if not address.startswith(("/", "@")):
            return None
        watches = usec.isdigit() and int(usec) > 0 and pid in ("", str(os.getpid()))
        return cls(address, int(usec) / 1e6 if watches else None)

    def tell(self, **state: str) -> None:
        """One message; a manager that is gone, or does not read, stops nothing."""
        message = "\n".join(f"{name}={value}" for name, value in state.items())
        address = self.address
        if address.startswith("@"):
            address = f"\0{address[1:]}"
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as connection,
        ):
            connection.setblocking(False)
            connection.sendto(message.encode(), address)

    async def accompany(
        self, inbox: ProgramInbox, ready: asyncio.Event, stop: asyncio.Event
    ) -> None:
        """From the moment when the daemon serves its accounts until it ends.

        A sign of life is given only where the loop comes round and the store answers in time.
        """
        try:
            await _either(ready, stop)
            began = ready.is_set()
            pause = self.patience / 3 if self.patience is not None else _LOOK_EVERY
            while not stop.is_set():
                if (status := await _status(inbox)) is not None:
                    self.tell(STATUS=status, WATCHDOG="1", **({"READY": "1"} if began else {}))
                    began = False
                await woken(stop, pause)
        finally:
            self.tell(STOPPING="1", STATUS=_("what is under way is brought to its end"))


async def _either(*events: asyncio.Event) -> None:
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()


async def _status(inbox: ProgramInbox) -> str | None:
    """How the inbox does, in a line; None where the store does not answer in time."""
    try:
        async with asyncio.timeout(_ANSWER):
            found = await inbox.read(readiness.readiness)
    except (StoreError, TimeoutError) as error:
        log.warning("no sign of life, as the store does not answer: %s", error)
        return None
    reached = sum(one.state == "ok" for one in found.accounts)
    return _("{n} of {all} accounts are reached").format(n=reached, all=len(found.accounts))
