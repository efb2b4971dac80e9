"""What a contact with access sees of a conversation, and why (R37-R39).

Nobody sees by this page what a contact was never meant to have: with ``notified`` it shows only
what that contact wrote or really got, so that turning access on reveals nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Literal, get_args

from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.outbound.delivery import BLOCKING, State
from pfinbox.errors import UsageError
from pfinbox.i18n import _
from pfinbox.record import record

Setting = Literal["notified", "company", "contacts", "all"]
SETTINGS: tuple[str, ...] = get_args(Setting)
DEFAULT: Setting = "notified"

# A comment whose deliveries are all in these states has reached no contact.
INSIDE = frozenset((*BLOCKING, State.SCHEDULED, State.HELD, State.WITHDRAWN))


@record
class Entry:
    """One entry of a conversation, contacts by their root.

    ``said_by``: the contact who wrote it. ``got_by``: the contacts who were chosen and have it.
    """

    said_by: int | None = None
    got_by: frozenset[int] = frozenset()
    # An automatic line (R21).
    system: bool = False
    # The switch "hide from clients" (R38).
    hidden: bool = False
    # Taken back, or deleted by whoever wrote it.
    deleted: bool = False
    # Meant for a contact, and nothing of it has left yet.
    waits: bool = False
    # Its task is a personal account's that its owner has not shared (R10).
    private: bool = False

    @property
    def between(self) -> frozenset[int]:
        """The contacts between whom and us it was said."""
        return self.got_by if self.said_by is None else self.got_by | {self.said_by}


@record
class Reader:
    """The contact who looks. ``override``: the card's own setting; ``portal``: has access."""

    id: int
    # Contacts of the same company, the reader among them.
    company: frozenset[int] = frozenset()
    override: str | None = None
    portal: bool = False


@record
class Shown:
    """``reason`` is for whoever asks why an entry is shown to a contact or not."""

    shown: bool
    reason: Reason


def known_setting(setting: str) -> str:
    if setting not in SETTINGS:
        raise UsageError(
            _("{setting} is no setting; known: {known}").format(
                setting=setting, known=", ".join(SETTINGS)
            )
        )
    return setting


def visible(
    entry: Entry, reader: Reader, setting: str, task_contacts: Collection[int] = ()
) -> Shown:
    """Whether ``reader`` sees ``entry``; ``setting`` is the company's, a card may override it.

    ``task_contacts``: every contact of the task, for the setting ``contacts``. A setting that
    nobody knows shows as little as ``notified``.
    """
    for hides, kind in (
        (entry.system, "system_entry"),
        (entry.hidden, "hidden_from_contacts"),
        (entry.deleted, "deleted_comment"),
        (entry.waits, "not_sent_yet"),
        (entry.private, "private_task"),
    ):
        if hides:
            return Shown(False, Reason(kind))
    if entry.said_by == reader.id:
        return Shown(True, Reason("own_message"))
    if reader.id in entry.got_by:
        return Shown(True, Reason("was_notified"))
    wider = reader.override or setting
    if wider == "company" and entry.between & reader.company:
        return Shown(True, Reason("company_saw_it"))
    if wider == "contacts" and entry.between & frozenset(task_contacts):
        return Shown(True, Reason("contacts_saw_it"))
    if wider == "all":
        return Shown(True, Reason("everything_shown"))
    return Shown(False, Reason("not_notified"))


def whose_tasks(reader: Reader, setting: str) -> frozenset[int]:
    """The contacts whose tasks are the reader's to see, as far as entries of them are shown."""
    wider = reader.override or setting
    return reader.company | {reader.id} if wider == "company" else frozenset((reader.id,))


def is_private(owner_id: int | None, agents: Collection[int]) -> bool:
    """Whether its owner alone sees a task: no other agent has it or takes part in it (R10)."""
    return owner_id is not None and not set(agents) - {owner_id}


def got_by(chosen: Collection[int], states: Mapping[int | None, Collection[str]]) -> frozenset[int]:
    """Those of the chosen contacts who have a comment; ``states`` of its deliveries by contact.

    A comment without deliveries was written elsewhere: the contact has it there (R43).
    """
    return frozenset(one for one in chosen if State.SENT in states.get(one, {State.SENT}))


def waits(states: Mapping[int | None, Collection[str]]) -> bool:
    """Whether a comment is meant for a contact, and nothing of it has left yet."""
    every = {state for some in states.values() for state in some}
    return bool(every) and every <= INSIDE


def within(reader: Reader, by_themselves: Collection[int]) -> Reader:
    """The reader in one task; a participant whom no agent added sees what they wrote or got."""
    return replace(reader, override=DEFAULT) if reader.id in by_themselves else reader
