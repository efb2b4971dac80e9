"""What sending and changing have in common: where it goes, and how its text is spelled."""

from collections.abc import Sequence

from aiogram.types import MessageEntity

from pfinbox.domain.contract.channel import PermanentFailure
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.text.markup import Entity, formatted
from pfinbox.record import record


@record
class Target:
    """Where a chat key leads: ``42``, ``biz:CONNECTION:42``, ``-100#7`` (a forum's topic)."""

    chat: int
    connection: str | None = None
    topic: int | None = None

    @classmethod
    def of(cls, key: str | None) -> "Target":
        """Raises PermanentFailure for what is no key of ours."""
        place, _, topic = (key or "").partition("#")
        head, _, chat = place.rpartition(":")
        connection = head.removeprefix("biz:") or None
        try:
            return cls(int(chat), connection, int(topic) if topic else None)
        except ValueError:
            pass
        raise PermanentFailure(Reason("chat_gone"), chat_writable=False)

    def dialogue(self) -> str:
        """What the numbers of messages are unique within: the key without a topic."""
        return f"biz:{self.connection}:{self.chat}" if self.connection else str(self.chat)

    def key(self) -> str:
        return f"{self.dialogue()}#{self.topic}" if self.topic else self.dialogue()


def spelled(text: str, as_formatted: bool = True) -> tuple[str, tuple[Entity, ...]]:
    """The text as it travels, and its formatting; lone surrogates pass in no encoding."""
    text, marks = formatted(text) if as_formatted else (text, ())
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"), marks


def entities_of(marks: Sequence[Entity]) -> list[MessageEntity] | None:
    """The formatting in aiogram's shape."""
    return [
        MessageEntity(
            type=mark.kind,
            offset=mark.offset,
            length=mark.length,
            url=mark.url,
            language=mark.language,
        )
        for mark in marks
    ] or None
