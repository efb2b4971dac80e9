"""The service manager is told by sd_notify(3), and of no life where the store does not answer."""

import asyncio
import os
import socket
from pathlib import Path

import pytest

from pfinbox.daemon.health.service_manager import ServiceManager
from pfinbox.domain.actor import SystemActor
from pfinbox.errors import StoreError
from pfinbox.services.inbox import ProgramInbox
from pfinbox.services.system import readiness
from pfinbox.services.system.readiness import Readiness
from tests.builders import Inbox


@pytest.fixture(params=["sqlite"])
def kind(request: pytest.FixtureRequest) -> str:
    """What is asked of the store is tried on both databases elsewhere."""
    return str(request.param)


class Silenced(ProgramInbox):
    """A store that does not answer for the first few times."""

    failures = 2

    async def read(self, *_arguments: object, **_values: object) -> Readiness:  # type: ignore[override]
        if self.failures:
            self.failures -= 1
            raise StoreError("away")
        return await super().read(readiness.readiness)


@pytest.mark.parametrize("abstract", [True, False])
async def test_it_hears_of_the_beginning_of_life_and_of_the_end(
    inbox: Inbox, tmp_path: Path, abstract: bool
) -> None:
    name = f"pfinbox-{os.getpid()}-{tmp_path.name}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{name}" if abstract else name)
        manager.setblocking(False)
        environment = {
            "NOTIFY_SOCKET": f"@{name}" if abstract else name,
            "WATCHDOG_USEC": "60000",
            "WATCHDOG_PID": str(os.getpid()),
            "HOME": "/",
        }
        told = ServiceManager.found(environment)
        assert told is not None
        assert environment == {"HOME": "/"}
        ready, stop = asyncio.Event(), asyncio.Event()
        store = Silenced(inbox.store, SystemActor("daemon"))
        running = asyncio.create_task(told.accompany(store, ready, stop))
        loop = asyncio.get_running_loop()
        ready.set()
        async with asyncio.timeout(10):
            first = await loop.sock_recv(manager, 4096)
            again = await loop.sock_recv(manager, 4096)
            assert store.failures == 0
            stop.set()
            last = b""
            while b"STOPPING" not in last:
                last = await loop.sock_recv(manager, 4096)
            await running
    assert first == b"STATUS=0 of 2 accounts are reached\nWATCHDOG=1\nREADY=1"
    assert again == b"STATUS=0 of 2 accounts are reached\nWATCHDOG=1"
    # It is gone, and nobody minds.
    told.tell(STATUS="x")


def test_without_one_nobody_is_told_and_a_watchdog_of_another_process_is_not_ours() -> None:
    assert ServiceManager.found({}) is None
    assert ServiceManager.found({"NOTIFY_SOCKET": "vsock:1:2"}) is None
    told = ServiceManager.found(
        {"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "60000", "WATCHDOG_PID": "1"}
    )
    assert told is not None
    assert told.patience is None
