"""What receiving looks at for one batch: what the store holds, and what the batch made since."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from pfinbox.domain.contract.envelope import Incoming, Message
from pfinbox.domain.inbound.repeats import Mark
from pfinbox.domain.model import Account, Agent
from pfinbox.domain.recipients.correspondents import OurSide
from pfinbox.domain.text.cleaning import clean_line


@dataclass(frozen=True, slots=True)
class NamedComment:
    """A comment that has a source id: it came under it, went out in parts, or has it beside."""

    id: int
    how: Literal["came", "went", "beside"]
    chat_id: int | None = None
    # The author's card, merged ones resolved; None where no contact wrote it.
    contact_id: int | None = None
    digest: str | None = None


@dataclass(slots=True)
class Named:
    """What the source ids mean that the messages of a batch name."""

    # The chat that an id leads to; the first chat keeps an id.
    chats: dict[str, int] = field(default_factory=dict)
    comments: dict[str, list[NamedComment]] = field(default_factory=dict)

    def of(self, source_id: str) -> list[NamedComment]:
        return self.comments.get(source_id, [])

    def add(self, source_id: str, comment: NamedComment) -> None:
        self.comments.setdefault(source_id, []).append(comment)

    def lead(self, source_ids: Iterable[str], chat_id: int) -> None:
        """These ids lead to the chat from now on, as far as they led nowhere."""
        for source_id in source_ids:
            self.chats.setdefault(source_id, chat_id)

    def adopt(self, comment_ids: Collection[int], chat_id: int) -> None:
        """These comments have a chat from now on."""
        for name, comments in self.comments.items():
            self.comments[name] = [
                replace(one, chat_id=chat_id) if one.id in comment_ids else one for one in comments
            ]

    def went_out(self, source_ids: Iterable[str]) -> bool:
        """Whether one of these ids is that of something which we sent."""
        return any(one.how == "went" for name in source_ids for one in self.of(name))

    def repeat_of(self, source_id: str, digest: str | None) -> int | None:
        """The comment that shows the very message with this id and this digest (R12)."""
        same = (one.id for one in self.of(source_id) if one.how == "came" and one.digest == digest)
        return min(same, default=None)


@dataclass(slots=True)
class WorkingSet:
    """Everything that is the same for a whole batch of one account is loaded once."""

    account: Account
    accounts: Mapping[int, Account]
    agents: Mapping[int, Agent]
    side: OurSide
    # By the receipt's key.
    marks: Mapping[str, Mark]
    # The keys whose receipts are there.
    receipts: set[str]
    # The comments of receipts by the sha256 of their bytes, where something asks for it.
    by_bytes: dict[str, int | None]
    # The keys of what was here and was purged (R34).
    purged: frozenset[str]
    # Every id that a message of the batch has or names.
    names: frozenset[str]
    # None: something changed what ids mean, so that it has to be loaded anew.
    named: Named | None = None
    # What was made or changed, and is to be found by a search before the batch ends.
    comments_to_index: list[int] = field(default_factory=list)
    tasks_to_index: list[int] = field(default_factory=list)
    # Whether a client wrote.
    arrived: bool = False

    @property
    def ids(self) -> Named:
        """What ids mean, which was loaded before the message was looked at."""
        if self.named is None:
            raise LookupError("the ids of the batch are not loaded")
        return self.named


def names_of(items: Iterable[Incoming]) -> frozenset[str]:
    """Every id that the messages among these have or name."""
    messages = [one.event for one in items if isinstance(one.event, Message)]
    own = {clean_line(message.source_id) for message in messages}
    return frozenset(own.union(*(message.references for message in messages)) - {""})


def known_by_bytes(incoming: Incoming) -> bool:
    """What names no id is known by its bytes, wherever and in what order its copies are found."""
    event = incoming.event
    nameless = isinstance(event, Message) and not clean_line(event.source_id)
    return incoming.match_bytes or nameless
