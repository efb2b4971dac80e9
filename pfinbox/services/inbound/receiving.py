"""Receiving: what a channel hands over becomes receipts, comments and tasks (R12).

One batch is one transaction together with the account's cursor; only after its commit does the
channel confirm it to the other side. Whatever is seen twice is shown once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from pfinbox.domain.actor import Actor, AgentActor
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.incoming import Incoming, Message, Unreadable
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.inbound import deciding
from pfinbox.domain.inbound.deciding import Apart, Outcome
from pfinbox.domain.inbound.reactions import reactions as rules
from pfinbox.domain.inbound.working_set import WorkingSet
from pfinbox.services.events import reactions
from pfinbox.services.inbound import rare_events
from pfinbox.services.tasks import previous_task, spam
from pfinbox.store import read
from pfinbox.store.load.inbound import quarantine as load_quarantine
from pfinbox.store.load.inbound import working_set as load
from pfinbox.store.load.previous_task import Said
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write import accounts
from pfinbox.store.write.inbound import batch as write
from pfinbox.store.write.inbound import quarantine, requests
from pfinbox.store.write.outbound import templates


@dataclass
class Received:
    """What a batch did, for the log and for tests."""

    comment_ids: list[int] = field(default_factory=list)
    duplicates: int = 0
    quarantined: int = 0
    # What a program of ours says of its own accord, once, and never again if that fails.
    replies: list[Outgoing] = field(default_factory=list)


async def receive(uow: UnitOfWork, account_id: int, batch: Batch) -> Received:
    """Store a batch and its cursor; commit it before the next one is asked for."""
    work = _Work(uow, account_id, batch.items)
    for place in range(len(batch.items)):
        await work.take(place)
    await work.write(batch.cursor)
    await requests.forget(uow, account_id, batch.taken)
    if batch.profile is not None:
        await accounts.set_profile(uow, account_id, batch.profile)
    if batch.templates is not None:
        await templates.keep(uow, account_id, batch.templates)
    return work.done


class _Work:
    """A batch under way: loaded once, decided thing by thing, written once.

    Where a rare event is decided over the store itself, what was decided before is written first,
    and the rest is loaded anew.
    """

    def __init__(
        self, uow: UnitOfWork, account_id: int, items: Sequence[Incoming], *, reread: bool = False
    ) -> None:
        self._reread = reread
        self.done = Received()
        self._uow = uow
        self._account_id = account_id
        self._items = items
        # None: to be loaded.
        self._ws: WorkingSet | None = None
        # New comments, by the ids that the working set has for them.
        self._new: list[int] = []

    async def take(self, place: int) -> None:
        """Decide the thing at this place, and keep its receipt."""
        incoming = self._items[place]
        if self._ws is not None and self._ws.decided.relinked and not incoming.history:
            # The past links tasks that are there already, not those that come after it (R8).
            await self.write()
        ws = await self._working_set(self._items[place:])
        try:
            outcome, alone = deciding.decide(ws, incoming), False
        except Apart:
            outcome, alone = await self._apart(ws, incoming), True
        if outcome is not None:
            # The receipt is needed by whatever looks at the comment.
            deciding.keep(self._ws or ws, incoming, outcome)
        await self._follow(incoming, outcome)
        if alone:
            await self.write()

    async def again(self, receipt_id: int) -> tuple[Outcome, int | None]:
        """Decide the only thing, whose receipt is there already; with the comment that shows it."""
        incoming = self._items[0]
        ws = await self._working_set(self._items)
        try:
            outcome = deciding.event(ws, incoming)
        except Apart:
            outcome = await self._apart(ws, incoming)
        deciding.stand_in(self._ws or ws, receipt_id, incoming)
        await self._follow(incoming, outcome)
        await self.write()
        comment_ids = self.done.comment_ids
        return outcome, comment_ids[-1] if comment_ids else outcome.comment_id

    async def write(self, cursor: str | None = None) -> write.Ids:
        """Write what is decided; what comes next is decided over the store as it is then."""
        ws, self._ws = self._ws, None
        if ws is None:
            if cursor is not None:
                await write.read_up_to(self._uow, self._account_id, cursor)
            return {}
        past = ws.decided.relinked
        ids = await write.apply(self._uow, ws, cursor)
        await previous_task.relink(
            self._uow,
            (
                Said(ids.get(contact_id, contact_id), ids.get(task_id, task_id), at)
                for contact_id, task_id, at in past
            ),
        )
        self.done.comment_ids += [ids.get(one, one) for one in self._new]
        self._new = []
        for task_id, event in ws.decided.happened:
            await reactions.react(self._uow, ids.get(task_id, task_id), event.stored(ids))
        return ids

    async def _working_set(self, items: Sequence[Incoming]) -> WorkingSet:
        if self._ws is None:
            self._ws = await load.working_set(
                self._uow, self._account_id, items, reread=self._reread
            )
        return self._ws

    async def _apart(self, ws: WorkingSet, incoming: Incoming) -> Outcome:
        """Decide one thing over the store itself, as far as the working set is not enough."""
        await self.write()
        taken = await rare_events.take(self._uow, ws, incoming)
        if isinstance(taken, Message):
            incoming = replace(incoming, event=taken)
        # It may have changed whatever had been loaded.
        ws = await self._working_set([incoming])
        return deciding.go_on(ws, incoming, taken)

    async def _follow(self, incoming: Incoming, outcome: Outcome | None) -> None:
        """Count it, and write the batch where something follows over the store."""
        if outcome is None or outcome.state == "duplicate":
            self.done.duplicates += 1
            if outcome is not None and outcome.comment_id is not None:
                await self._seen_again(incoming, outcome.comment_id)
            return
        if outcome.state == "quarantined":
            self.done.quarantined += 1
        if outcome.reply is not None:
            self.done.replies.append(outcome.reply)
        if outcome.comment_id is None:
            return
        self._new.append(outcome.comment_id)
        happened = self._ws.decided.happened if self._ws is not None else ()
        if any(rules.over_the_store(event) for _task_id, event in happened):
            await self.write()

    async def _seen_again(self, incoming: Incoming, comment_id: int) -> None:
        """A copy says where the message lies now."""
        event, ws = incoming.event, self._ws
        if not isinstance(event, Message) or event.spam or event.in_sent or incoming.history:
            return
        if ws is not None and comment_id in ws.in_spam:
            ids = await self.write()
            await spam.moved_out(self._uow, ids.get(comment_id, comment_id))


async def reprocess(
    uow: UnitOfWork, actor: Actor, receipt_id: int, parse: Callable[[str, bytes], Incoming]
) -> int | None:
    """Read a quarantined receipt again; the comment's id when it can be read now.

    NotFound where an agent asks for one of an account that is not theirs (R46).
    """
    if isinstance(actor, AgentActor):
        await read.quarantine_item(uow, actor, receipt_id)
    kept = await load_quarantine.kept(uow, receipt_id)
    if kept is None:
        return None
    incoming = parse(kept.key, kept.raw)
    if isinstance(incoming.event, Unreadable):
        return None
    was = kept.comment
    if was is not None and isinstance(incoming.event, Message):
        # It is as old as it was: it stands where it belongs, and history asks for nothing.
        event = replace(incoming.event, sent_at=was.created_at)
        incoming = replace(incoming, event=event, history=was.imported, late=True)
    outcome, comment_id = await _Work(uow, kept.account_id, [incoming], reread=True).again(kept.id)
    await quarantine.settle(uow, kept, outcome.state, outcome.reason, comment_id)
    return comment_id
