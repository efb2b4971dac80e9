"""A database that was put back or moved sends nothing until a person confirms it."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from pfinbox.daemon.outbound.sender import Sender
from pfinbox.daemon.outbound.stamp import StampFile
from pfinbox.daemon.process import this_machine
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.outbound.restoring import Ledger, Machine, Stamp, why_not_send
from pfinbox.services.outbound import restore_guard
from pfinbox.store import read
from pfinbox.store import tables as t
from pfinbox.store.uow import Store
from tests.builders import Inbox, client
from tests.daemon.scripted import ScriptedChannel
from tests.daemon.test_sender import a_lease, a_sender, rows, states

HERE, THERE = Machine("1", "here"), Machine("2", "there")


@pytest.mark.parametrize(
    ("ledger", "stamp", "why"),
    [
        (Ledger("s", 5, True, HERE), Stamp("s", 5), None),
        # A crash between the database and the stamp: nothing had left yet.
        (Ledger("s", 6, True, HERE), Stamp("s", 5), None),
        (Ledger("s", 4, True, HERE), Stamp("s", 5), "database_older"),
        (Ledger("s", 4, False, None), Stamp("s", 5), "database_older"),
        (Ledger("s", 5, True, THERE), Stamp("s", 5), "database_moved"),
        (Ledger("s", 5, True, HERE), None, "stamp_missing"),
        (Ledger("s", 5, True, HERE), Stamp("other", 9), "stamp_missing"),
        # New, or a server that another of its daemons' machines sends from.
        (Ledger("s", 0, True, None), None, None),
        (Ledger("s", 5, False, None), None, None),
    ],
)
def test_which_databases_may_send(ledger: Ledger, stamp: Stamp | None, why: str | None) -> None:
    found = why_not_send(ledger, stamp, HERE)
    assert (found.kind if found else None) == why


async def held(inbox: Inbox) -> str | None:
    async with inbox.store.read() as uow:
        reason = await read.sending_held(uow)
    return reason.kind if reason else None


async def release(inbox: Inbox, *, resend: bool = False) -> bool:
    anna = inbox.agent_ids["anna"]
    return await inbox.store.run(
        lambda uow: restore_guard.release(uow, AgentActor(anna), resend=resend)
    )


async def again(inbox: Inbox) -> tuple[Sender, ScriptedChannel]:
    """A daemon that starts after the one before it died."""
    return await a_sender(inbox)


@pytest.fixture
async def restored(tmp_path: Path) -> AsyncIterator[Inbox]:
    """A backup in which one comment waits, put back after that comment was sent."""
    path = tmp_path / "inbox.sqlite"
    inbox = await Inbox.make(f"sqlite+aiosqlite:///{path}")
    await inbox.says()
    sender, channel = await a_sender(inbox)
    await inbox.comment(1, "Before", to=[client(1)])
    await sender.run_once()
    await inbox.comment(1, "Waits", to=[client(1)])
    await inbox.comment(1, "Later", to=[client(1)], send_at=inbox.clock.now.replace(hour=23))
    await inbox.store.close()
    backup = shutil.copy(path, tmp_path / "backup")
    await sender.run_once()
    assert [part.text for part in channel.sent] == ["Before", "Waits"]
    await inbox.store.close()
    for file in tmp_path.glob("inbox.sqlite-*"):
        file.unlink()
    shutil.copy(backup, path)
    inbox.store = Store(inbox.store.url, inbox.clock)
    yield inbox
    await inbox.store.close()


async def test_a_backup_put_back_receives_and_sends_nothing_until_it_is_released(
    restored: Inbox,
) -> None:
    sender, channel = await again(restored)
    await sender.run_once()
    assert (channel.sent, await held(restored)) == ([], "database_older")
    assert await states(restored) == ["sent", "unknown", "unknown"]
    await restored.says("Are you there?")
    await restored.comment(1, "Here", to=[client(1)])
    await sender.run_once()
    assert channel.sent == []
    # Another start changes nothing: what was written since is no part of the backup.
    sender, channel = await again(restored)
    await sender.run_once()
    assert await states(restored) == ["sent", "unknown", "unknown", "pending"]
    assert await release(restored)
    await sender.run_once()
    assert [part.text for part in channel.sent] == ["Here"]
    assert await states(restored) == ["sent", "unknown", "unknown", "sent"]
    assert not await release(restored)


async def test_released_with_all_that_waited_it_goes_out_at_its_moment(restored: Inbox) -> None:
    sender, channel = await again(restored)
    await sender.run_once()
    await release(restored, resend=True)
    assert await states(restored) == ["sent", "pending", "scheduled"]
    await sender.run_once()
    assert [part.text for part in channel.sent] == ["Waits"]
    restored.clock.now = restored.clock.now.replace(hour=23, minute=1)
    await sender.run_once()
    assert [part.text for part in channel.sent] == ["Waits", "Later"]


async def test_daemons_that_begin_at_once_or_after_a_crash_miss_no_stamp(inbox: Inbox) -> None:
    """A first daemon dies between its first look and the stamp; then two begin side by side."""
    await inbox.store.run(lambda uow: restore_guard.look(uow, None, this_machine()))
    senders = [(await a_sender(inbox))[0] for _daemon in range(2)]
    for _look in range(2):
        await asyncio.gather(*(sender.look_first() for sender in senders))
    assert await held(inbox) is None
    assert not inbox.store.sqlite or (await setting(inbox, "machine"))["id"] == this_machine().id


async def test_a_copy_on_another_machine_sends_nothing(restored: Inbox) -> None:
    async with restored.store.write() as uow:
        await uow.connection.execute(
            update(t.setting)
            .where(t.setting.c.name == "machine")
            .values(value={"id": "another", "host": "there"})
        )
        await uow.commit()
    async with restored.store.read() as uow:
        file = StampFile(restored.store, await restore_guard.store_id(uow))
    file.path.unlink()
    sender, channel = await again(restored)
    await sender.run_once()
    assert (channel.sent, await held(restored)) == ([], "database_moved")
    await release(restored)
    sender, channel = await again(restored)
    await restored.comment(1, "Here", to=[client(1)])
    await sender.run_once()
    assert [part.text for part in channel.sent] == ["Here"]


async def setting(inbox: Inbox, name: str) -> Any:
    async with inbox.store.read() as uow:
        return await read.setting(uow, name)


async def test_a_database_that_goes_back_under_a_running_daemon_is_noticed(inbox: Inbox) -> None:
    await inbox.says()
    sender, _channel = await a_sender(inbox)
    await inbox.comment(1, "One", to=[client(1)])
    await sender.run_once()
    async with inbox.store.read() as uow:
        file = StampFile(inbox.store, await restore_guard.store_id(uow))
    assert file.read() == Stamp(await setting(inbox, "store_id"), 1)
    file.write(0)
    assert file.read() == Stamp(await setting(inbox, "store_id"), 1)
    # As point-in-time recovery of a server would do it.
    async with inbox.store.write() as uow:
        await uow.connection.execute(
            update(t.setting).where(t.setting.c.name == "handed_over").values(value=0)
        )
        await uow.commit()
    await inbox.comment(1, "Two", to=[client(1)])
    async with inbox.store.write() as uow:
        # A change of what the client has already waits, too.
        now = inbox.clock.now
        change = {"comment_id": 2, "part_id": 1, "account_id": inbox.account_ids["bot"]}
        author = inbox.agent_ids["anna"]
        moments = {"due_at": now, "created_at": now}
        kind = {"kind": "edit", "state": "pending", "text": "Won", "agent_id": author}
        await uow.add(t.amendment, **change, **kind, **moments)
        await uow.commit()
    await sender.run_once()
    assert await held(inbox) == "database_older"
    async with inbox.store.read() as uow:
        assert await uow.connection.scalar(select(t.amendment.c.state)) == "failed"
        assert 2 in set(await uow.connection.scalars(select(t.notice.c.comment_id)))
    assert await states(inbox) == ["sent", "unknown"]
    assert (await rows(inbox))[1].error == {"kind": "restored", "args": {"was": "pending"}}
    async with inbox.store.read() as uow:
        parts = select(t.part.c.state).order_by(t.part.c.id)
        assert list(await uow.connection.scalars(parts)) == ["sent", "unknown"]


async def test_without_a_stamp_nothing_is_handed_over(restored: Inbox) -> None:
    await release(restored)
    async with restored.store.read() as uow:
        file = StampFile(restored.store, await restore_guard.store_id(uow))
    file.path.unlink()
    file.path.mkdir()
    lease = await a_lease(restored, dead=True)
    channel = ScriptedChannel()
    sender = Sender(restored.store, lease, dict.fromkeys(restored.account_ids.values(), channel))
    with pytest.raises(Exception, match=r"inbox.sqlite.stamp cannot be used"):
        await sender.run_once()
    assert channel.sent == []
