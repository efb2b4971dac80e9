"""Faults put into the program on purpose: the simulator is worth something if it finds each.

Each stands in for something of pfinbox while a ``with`` lasts, as a careless change would have it.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import replace
from typing import Any

from pfinbox.daemon import leases as daemon_leases
from pfinbox.daemon import supervisor
from pfinbox.daemon.outbound import sender as sender_module
from pfinbox.daemon.outbound.committer import Committer
from pfinbox.daemon.receiver import Receiver
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.channel import PermanentFailure, Transmitting
from pfinbox.domain.contract.outgoing import Outgoing, Sent
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.outbound.delivery import MOVES, WAITING, Job, State, Step
from pfinbox.services.events import queueing
from pfinbox.services.inbound import receiving
from pfinbox.services.inbound.keeping import Pushed
from pfinbox.services.outbound import send_recovery, sending, undo_send
from pfinbox.services.system import leases
from pfinbox.services.tasks import tasks
from pfinbox.store.load.outbound import deliveries as load
from pfinbox.store.load.outbound import outbox as load_outbox
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write.outbound import deliveries
from pfinbox.web.hooks.keeper import Keeper
from tests.faults.simulation.channels import SimulatedChannel

Planted = Callable[[], Any]
PLANTED: dict[str, Planted] = {}


def planted(plant: Callable[[], Iterator[None]]) -> Planted:
    context = contextmanager(plant)
    PLANTED[plant.__name__.replace("_", " ")] = context
    return context


@contextmanager
def stands_in(owner: object, name: str, other: object) -> Iterator[None]:
    own = vars(owner)[name]
    setattr(owner, name, other)
    try:
        yield
    finally:
        setattr(owner, name, own)


@planted
def stale_daemon() -> Iterator[None]:
    """A daemon that was stopped past its lease goes on as if nothing had happened."""

    async def holds(_uow: UnitOfWork, _lease: object, _account_id: int) -> None:
        """Nobody asks whose account it is."""

    with (
        stands_in(daemon_leases.OwnLease, "fresh", lambda _self: True),
        stands_in(leases, "hold", holds),
        stands_in(Job, "is_claimed_in", lambda _self, _claims: True),
        stands_in(load, "under_way", _nothing),
    ):
        yield


@planted
def pid_reuse() -> Iterator[None]:
    """A daemon lives as long as a process has its number: here all have the same."""
    with stands_in(daemon_leases.Watch, "silent", lambda *_who: False):
        yield


@planted
def swapped_leases() -> Iterator[None]:
    """Whoever looks takes every other daemon for silent, and its accounts."""
    with stands_in(daemon_leases.Watch, "silent", lambda *_who: True):
        yield


@planted
def stuck_transmitting() -> Iterator[None]:
    """What a dead daemon was handing over stays under way for ever."""
    abandoned = send_recovery._abandoned

    async def leave(uow: UnitOfWork, row: load.UnderWay) -> None:
        if row.state != "transmitting":
            await abandoned(uow, row)

    with stands_in(send_recovery, "_abandoned", leave):
        yield


@planted
def confirm_before_commit() -> Iterator[None]:
    """The next batch is asked for, and so the last one confirmed, before that one is stored."""

    async def receive(self: Any, _until_idle: bool) -> None:
        async with aclosing(self._batches(await self._cursor())) as batches:
            before: Batch | None = None
            async for batch in batches:
                if before is not None:
                    await self._store_batch(before)
                before = batch

    with stands_in(Receiver, "_receive", receive):
        yield


@planted
def cursor_ahead() -> Iterator[None]:
    """The cursor is stored first, in a transaction of its own."""
    store_batch = Receiver._store_batch

    async def ahead(self: Any, batch: Batch) -> None:
        await store_batch(self, Batch(cursor=batch.cursor))
        await store_batch(self, replace(batch, cursor=None))

    with stands_in(Receiver, "_store_batch", ahead):
        yield


@planted
def answered_before_kept() -> Iterator[None]:
    """A service is told that its request is kept while that is still to be done."""
    keep = Keeper.keep

    async def at_once(self: Keeper, pushed: Pushed) -> bool:
        return await keep(self, pushed) or True

    patience = Keeper.__init__

    def hasty(self: Keeper, inbox: Any) -> None:
        patience(self, inbox, patience=0.0)

    with stands_in(Keeper, "keep", at_once), stands_in(Keeper, "__init__", hasty):
        yield


@planted
def resend_of_unknown() -> Iterator[None]:
    """Whatever may have arrived is sent again, on every channel."""
    always: Any = lambda *_what: True  # noqa: E731
    with (
        stands_in(sending, "may_repeat", always),
        stands_in(send_recovery, "may_repeat", always),
    ):
        yield


@planted
def claim_without_lease() -> Iterator[None]:
    """A hand-over does not look whether the claim still is this daemon's."""
    with stands_in(Job, "is_claimed_in", lambda _self, _claims: True):
        yield


@planted
def lost_wake_up() -> Iterator[None]:
    """News of the outbox wakes nobody: what is written waits for the safety net."""

    async def listen(_self: object, _wakes: object) -> None:
        await asyncio.Event().wait()

    with stands_in(supervisor.Daemon, "_listen", listen):
        yield


@planted
def order_of_chat_ignored() -> Iterator[None]:
    """Messages of one chat go side by side."""
    with stands_in(sender_module, "chains", lambda jobs: [[job] for job in jobs]):
        yield


@planted
def undo_after_the_claim() -> Iterator[None]:
    """A comment can be taken back while it is handed over."""
    step, states = Step.TAKEN_BACK, (*WAITING, State.SENDING, State.TRANSMITTING)
    wide = replace(MOVES[step], sources=frozenset(states))

    async def nothing_left(_uow: UnitOfWork, _comment_id: int) -> bool:
        return False

    with (
        stands_in(undo_send, "WAITING", states),
        stands_in(deliveries, "MOVES", {**MOVES, step: wide}),
        # Statements that were put together before know the other moves.
        stands_in(deliveries, "_moving", deliveries._moving.__wrapped__),
        stands_in(load_outbox, "may_have_arrived", nothing_left),
    ):
        yield


@planted
def outcome_forgotten() -> Iterator[None]:
    """An outcome that could not be written at once is given up."""
    write_all = Committer._write_all

    async def once(self: Any, group: Any) -> None:
        try:
            await write_all(self, group)
        except Exception as error:
            self._drop(group, error)
            raise

    with stands_in(Committer, "_write_all", once):
        yield


@planted
def every_send_fails() -> Iterator[None]:
    """Every channel says of every message that it was turned away for good."""

    async def send(_self: object, _part: Outgoing, transmitting: Transmitting) -> Sent:
        await transmitting()
        raise PermanentFailure(Reason("refused", {"detail": "planted"}))

    with stands_in(SimulatedChannel, "send", send):
        yield


@planted
def comment_not_queued() -> Iterator[None]:
    """A comment is stored, and its deliveries are not."""

    async def queue(*_what: object, **_more: object) -> None:
        """Nobody is written to."""

    with stands_in(queueing, "queue", queue):
        yield


@planted
def screen_crashes() -> Iterator[None]:
    """A use case of the screen breaks with an error that is no answer."""

    async def change(*_what: object, **_more: object) -> None:
        raise KeyError("planted")

    with stands_in(tasks, "change", change):
        yield


@planted
def repeats_are_new() -> Iterator[None]:
    """A message that comes again is another message."""
    receive = receiving.receive

    async def as_new(uow: UnitOfWork, account_id: int, batch: Batch) -> Any:
        n = await _count(uow)
        items = tuple(
            replace(one, key=f"{one.key}.{n}", raw=one.raw + b"%d" % n) for one in batch.items
        )
        return await receive(uow, account_id, replace(batch, items=items))

    with stands_in(receiving, "receive", as_new):
        yield


async def _nothing(_uow: UnitOfWork, _lease_id: int) -> list[load.UnderWay]:
    return []


async def _count(uow: UnitOfWork) -> int:
    rows = await uow.connection.exec_driver_sql("SELECT count(*) FROM receipt")
    return int(rows.scalar_one())
