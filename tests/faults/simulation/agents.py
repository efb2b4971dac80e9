"""Agents who answer, think better of it, and tidy up meanwhile."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.model import Notify, Who
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.domain.tasks.then import Then
from pfinbox.errors import PfinboxError
from pfinbox.services.comments import comments, corrections
from pfinbox.services.comments.comments import CommentRequest
from pfinbox.services.inbox import Inbox
from pfinbox.services.merging import contact_merging, merging, unmerging
from pfinbox.services.outbound import outbox, undo_send
from pfinbox.services.tasks import tasks

if TYPE_CHECKING:
    from tests.faults.simulation.history import History


@dataclass(slots=True)
class Asked:
    """A comment that an agent wanted to write; ``saved`` None: nobody told its screen."""

    text: str
    saved: int | None = None
    refused: bool = False


@dataclass
class Decisions:
    """What people did knowingly, as far as the promise depends on it, by delivery."""

    asked: list[Asked] = field(default_factory=list)
    # Retried, or sent now, although it may have arrived.
    retried: Counter[int] = field(default_factory=Counter)
    marked_sent: set[int] = field(default_factory=set)
    taken_back: set[int] = field(default_factory=set)


class Agents:
    """Each thing an agent does is one use case over the agents' own open store."""

    def __init__(self, history: "History", seed: str) -> None:
        self._history = history
        self._random = Random(f"{seed} agents")
        self._n = 0
        self._does: list[tuple[int, Callable[[Inbox], Coroutine[Any, Any, None]]]] = [
            (40, self._comment),
            (6, self._take_back),
            (4, self._withdraw),
            (4, self._retry),
            (3, self._dismiss),
            (3, self._mark_sent),
            (3, self._send_now),
            (4, self._reschedule),
            (5, self._edit),
            (3, self._delete_comment),
            (5, self._close),
            (3, self._reopen),
            (3, self._trash),
            (3, self._restore),
            (5, self._merge),
            (3, self._unmerge),
            (2, self._merge_cards),
            (2, self._unmerge_card),
        ]

    async def live(self, inbox: Inbox, seconds: float, pause: float) -> None:
        loop = self._history.loop
        until = loop.time() + seconds
        weights = [weight for weight, _do in self._does]
        while loop.time() < until:
            await asyncio.sleep(self._random.expovariate(1 / pause))
            _weight, do = self._random.choices(self._does, weights)[0]
            await self._try(do, inbox)

    async def _try(self, do: Callable[[Inbox], Coroutine[Any, Any, None]], inbox: Inbox) -> None:
        try:
            await do(inbox)
        except PfinboxError as error:
            name = getattr(do, "__name__", "undo").strip("_")
            self._history.say(f"agent: {name}: {type(error).__name__}: {error}")

    # --- writing ------------------------------------------------------------------------------

    async def _comment(self, inbox: Inbox) -> None:
        tasks_ = self._history.witness.ids(
            "SELECT id FROM task WHERE root_id = id AND contact_id IS NOT NULL"
        )
        if not tasks_:
            return
        task_id = self._random.choice(tasks_)
        asked = await self.comment(inbox, task_id)
        if self._random.random() < 0.2:
            # An answer in three messages, which the client is to read in this order.
            for _more in range(2):
                asked = await self.comment(inbox, task_id, plain=True)
        if asked is not None and asked.saved and self._random.random() < 0.2:
            # A slip that is seen at once: the daemon may have it in hand just now.
            await asyncio.sleep(self._random.expovariate(8))
            await self._take_back(inbox)

    async def comment(self, inbox: Inbox, task_id: int, *, plain: bool = False) -> Asked | None:
        """To the client, perhaps long, later, with a participant; pressed twice now and then."""
        self._n += 1
        draw = self._random
        people = self._history.witness.ids(
            "SELECT chat.contact_id FROM chat JOIN binding ON binding.chat_id = chat.id"
            " JOIN task ON task.id = binding.task_id WHERE task.root_id = ?",
            task_id,
        )
        if not people:
            return None
        asked = Asked(f"a{self._n}")
        request = CommentRequest(
            task_id, asked.text, Notify((Who("contact", people[0]),)), client_key=asked.text
        )
        if not plain:
            request = self._varied(request, inbox, asked, people)
        self._history.decisions.asked.append(asked)
        self._history.say(f"agent comments {asked.text[:6]} in #{task_id}")
        for _press in range(1 if plain else draw.choice((1, 1, 1, 2))):
            try:
                saved = await inbox.write(comments.add_comment, request)
                if asked.saved not in (None, saved.comment_id):
                    self._history.witness.violated(f"{asked.text} was stored twice")
                asked.saved = saved.comment_id
                self._history.say(f"agent: {asked.text[:6]} is comment {saved.comment_id}")
            except PfinboxError as error:
                self._history.say(f"agent: {asked.text[:6]}: {type(error).__name__}: {error}")
        return asked

    def _varied(
        self, request: CommentRequest, inbox: Inbox, asked: Asked, people: list[int]
    ) -> CommentRequest:
        draw = self._random
        if draw.random() < 0.2:
            asked.text += " " + " ".join(f"{asked.text}w{i}" for i in range(30))
        now = inbox.store.clock()
        later = now + timedelta(seconds=draw.uniform(3, 40)) if draw.random() < 0.15 else None
        who = tuple(Who("contact", one) for one in dict.fromkeys(people))
        chosen = who if draw.random() < 0.3 else who[:1]
        if draw.random() < 0.2:
            # Who is told by mail.
            chosen = (*chosen, Who("agent", self._history.colleague))
        return CommentRequest(
            request.task_id,
            asked.text,
            Notify(chosen),
            client_key=request.client_key,
            send_at=later,
            undo_seconds=draw.choice((0, 0, 0, 5.0)) if later is None else 0,
            send_anyway=draw.random() < 0.5,
            then=Then(close=draw.random() < 0.15),
        )

    async def _take_back(self, inbox: Inbox) -> None:
        own = [one.saved for one in self._history.decisions.asked[-3:] if one.saved]
        if own:
            await self._unsay(inbox, self._random.choice(own))

    async def _unsay(self, inbox: Inbox, comment_id: int) -> None:
        await inbox.write(undo_send.take_back, comment_id)
        self._history.decisions.taken_back.add(comment_id)
        self._history.say(f"agent takes comment {comment_id} back")

    async def undo(self, inbox: Inbox, nonce: str) -> None:
        """Take the comment back of which this part is just being sent."""
        for comment_id in self._history.witness.comments_of(nonce):
            await self._try(partial(self._unsay, comment_id=comment_id), inbox)

    async def _edit(self, inbox: Inbox) -> None:
        own = [one for one in self._history.decisions.asked[-5:] if one.saved]
        if own:
            asked = self._random.choice(own)
            assert asked.saved is not None
            text = f"{asked.text.split()[0]} edited {self._random.randrange(100)}"
            await inbox.write(corrections.edit_comment, asked.saved, text)
            self._history.say(f"agent edits comment {asked.saved}: {text}")

    async def _delete_comment(self, inbox: Inbox) -> None:
        own = [one.saved for one in self._history.decisions.asked[-5:] if one.saved]
        if own:
            comment_id = self._random.choice(own)
            await inbox.write(corrections.delete_comment, comment_id)
            self._history.say(f"agent deletes comment {comment_id}")

    # --- the outbox ---------------------------------------------------------------------------

    def _delivery(self, *states: str) -> int | None:
        marks = ", ".join("?" * len(states))
        query = f"SELECT id FROM delivery WHERE state IN ({marks}) ORDER BY id DESC LIMIT 6"
        found = self._history.witness.ids(query, *states)
        return self._random.choice(found) if found else None

    async def _at(self, inbox: Inbox, use_case: Any, *states: str, **values: Any) -> int | None:
        delivery_id = self._delivery(*states)
        if delivery_id is not None:
            await inbox.write(use_case, delivery_id, **values)
            name = use_case.__name__.replace("_", " ")
            self._history.say(f"agent: {name}: delivery {delivery_id}")
        return delivery_id

    async def _withdraw(self, inbox: Inbox) -> None:
        await self._at(inbox, outbox.withdraw, "scheduled", "pending", "held", "failed", "unknown")

    async def _retry(self, inbox: Inbox) -> None:
        delivery_id = self._delivery("failed", "unknown", "held")
        if delivery_id is not None:
            # Counted before it is known whether it was written: the screen may die meanwhile.
            self._history.decisions.retried[delivery_id] += 1
            await inbox.write(outbox.retry, delivery_id)
            self._history.say(f"agent retries delivery {delivery_id}")

    async def _dismiss(self, inbox: Inbox) -> None:
        await self._at(inbox, outbox.dismiss, "failed", "unknown")

    async def _mark_sent(self, inbox: Inbox) -> None:
        delivery_id = self._delivery("unknown", "failed")
        if delivery_id is not None:
            self._history.decisions.marked_sent.add(delivery_id)
            await inbox.write(outbox.mark_sent, delivery_id)
            self._history.say(f"agent marks delivery {delivery_id} as sent")

    async def _send_now(self, inbox: Inbox) -> None:
        await self._at(inbox, outbox.send_now, "scheduled", "held", "pending")

    async def _reschedule(self, inbox: Inbox) -> None:
        when = inbox.store.clock() + timedelta(seconds=self._random.uniform(2, 30))
        await self._at(inbox, outbox.reschedule, "scheduled", "held", "pending", when=when)

    # --- tasks --------------------------------------------------------------------------------

    def _task(self, condition: str) -> int | None:
        found = self._history.witness.ids(f"SELECT id FROM task WHERE root_id = id AND {condition}")
        return self._random.choice(found) if found else None

    async def _close(self, inbox: Inbox) -> None:
        await self._set(inbox, "active AND deleted_at IS NULL", "done")

    async def _reopen(self, inbox: Inbox) -> None:
        await self._set(inbox, "NOT active AND deleted_at IS NULL", "open")

    async def _set(self, inbox: Inbox, condition: str, status: str) -> None:
        if (task_id := self._task(condition)) is not None:
            await inbox.write(tasks.change, [task_id], TaskChange(status=status))
            self._history.say(f"agent: #{task_id} is {status}")

    async def _trash(self, inbox: Inbox) -> None:
        if (task_id := self._task("deleted_at IS NULL")) is not None:
            await inbox.write(tasks.delete, [task_id])
            self._history.say(f"agent: #{task_id} to the trash")

    async def _restore(self, inbox: Inbox) -> None:
        if (task_id := self._task("deleted_at IS NOT NULL")) is not None:
            await inbox.write(tasks.restore, [task_id])
            self._history.say(f"agent: #{task_id} out of the trash")

    async def _merge(self, inbox: Inbox) -> None:
        one, other = self._task("deleted_at IS NULL"), self._task("deleted_at IS NULL")
        if one is not None and other is not None and one != other:
            await inbox.write(merging.merge_tasks, one, [other], force=True)
            self._history.say(f"agent merges #{other} into #{one}")

    async def _unmerge(self, inbox: Inbox) -> None:
        found = self._history.witness.ids("SELECT id FROM task WHERE root_id != id")
        if found:
            task_id = self._random.choice(found)
            await inbox.write(unmerging.unmerge_task, task_id)
            self._history.say(f"agent takes #{task_id} apart again")

    # --- cards --------------------------------------------------------------------------------

    async def _merge_cards(self, inbox: Inbox) -> None:
        found = self._history.witness.ids("SELECT id FROM contact WHERE root_id = id")
        if len(found) > 1:
            one, other = self._random.sample(found, 2)
            await inbox.write(contact_merging.merge_contacts, one, [other])
            self._history.say(f"agent merges the card {other} into {one}")

    async def _unmerge_card(self, inbox: Inbox) -> None:
        found = self._history.witness.ids("SELECT id FROM contact WHERE root_id != id")
        if found:
            card = self._random.choice(found)
            await inbox.write(contact_merging.unmerge_contact, card)
            self._history.say(f"agent takes the card {card} apart again")


def agent(store: Any, agent_id: int) -> Inbox:
    """An agent who agrees to whatever is asked first."""
    return Inbox(store, AgentActor(agent_id)).agreeing(True)
