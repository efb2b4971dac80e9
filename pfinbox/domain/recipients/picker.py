"""Whom the notify picker has chosen before anybody touched it (R14).

The guard: nobody ever writes to a client by accident. A contact is preselected only by answering
that contact's own comment, or when this very agent notified them last here.
"""

from collections.abc import Sequence
from dataclasses import replace

from pfinbox.domain.contract.party import Party
from pfinbox.domain.model import Notify, Task, Who
from pfinbox.record import record


@record
class Said:
    """One comment as far as the picker cares, oldest first in a sequence."""

    author: Who
    notified: tuple[Who, ...] = ()
    # Everyone else the client's mail was addressed to, for reply-all (R45): contacts, and people
    # who are on no card yet.
    reply_all: tuple[Who, ...] = ()
    newcomers: tuple[Party, ...] = ()


def preselect(
    agent_id: int,
    history: Sequence[Said],
    *,
    answers: Said | None = None,
    note: bool = False,
    everyone: bool = False,
) -> Notify:
    """The picker's default for ``agent_id`` in a task with this ``history``.

    ``answers`` is the comment being replied to; ``note`` an internal note; ``everyone``: the
    answer goes to all who had that comment (reply-all).
    """
    me = Who("agent", agent_id)
    if everyone and answers is not None and not note:
        people = (answers.author, *answers.notified, *answers.reply_all)
        chosen = tuple(dict.fromkeys(who for who in people if who != me and who.id))
        return Notify(chosen, newcomers=answers.newcomers)
    if answers is not None and not note:
        if answers.author.kind == "contact":
            return Notify((answers.author,))
        # Answering a colleague's comment answers the colleague, not the client it went to.
        return Notify(tuple(w for w in (answers.author,) if w != me))
    mine = [said for said in history if said.author == me]
    if note:
        internal = [s for s in mine if all(who.kind == "agent" for who in s.notified)]
        colleagues = internal[-1].notified if internal else ()
        if answers is not None and answers.author.kind == "agent" and answers.author != me:
            colleagues = (answers.author,)
        return Notify(tuple(who for who in colleagues if who != me))
    if mine:
        return Notify(tuple(who for who in mine[-1].notified if who != me))
    return Notify()


def with_client(task: Task, notify: Notify) -> Notify:
    """Choosing one of the client's cards chooses every card that stands for the client (R30).

    A reply channel chosen for the task (R16) goes before that.
    """
    cards = [Who("contact", contact_id) for contact_id in task.client_cards]
    one_way = (notify.reply_via or task.reply_via) not in ("own", "all")
    if one_way or notify.addresses or not set(cards) & set(notify.who):
        return notify
    return replace(notify, who=tuple(dict.fromkeys((*notify.who, *cards))))
