"""What happens to messages that are here: edited, deleted, given signs (R11)."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.incoming import Edit, Reaction
from pfinbox.domain.text.cleaning import clean, clean_line
from pfinbox.record import record

_MOST_SIGNS = 50  # people whose signs are kept at one comment


@record
class Target:
    """The comment that an edit, a deletion or a reaction is about."""

    id: int
    task_id: int
    root_id: int
    text: str
    source_id: str | None
    # Written outside pfinbox, by a client or by our side: the other side may change it.
    outside: bool
    # As JSON.
    warnings: tuple[dict[str, Any], ...] = ()
    reactions: tuple[dict[str, Any], ...] = ()
    # The sha256 of its files.
    files: frozenset[str] = frozenset()


@record
class Edited:
    """What an edit changes; the earlier text and the earlier files are kept beside the new ones."""

    # None: the text is the same.
    text: str | None
    new_files: tuple[File, ...]
    # All of them, where some are new.
    warnings: tuple[dict[str, Any], ...] | None

    @property
    def anything(self) -> bool:
        return self.text is not None or bool(self.new_files)


def edited(comment: Target, event: Edit) -> Edited:
    """What the client's edit makes of the comment."""
    text = clean(event.text)
    if comment.source_id != event.source_id:
        # Another picture of the album, with a caption of its own.
        text = comment.text if text in comment.text else f"{comment.text}\n{text}".strip("\n")
    new = [one for one in event.files if sha256(one.content).hexdigest() not in comment.files]
    told = [one.as_json() for one in event.warnings]
    told = [one for one in told if one not in comment.warnings]
    return Edited(
        text if text != comment.text else None,
        tuple(new),
        (*comment.warnings, *told) if told else None,
    )


def deleted(comments: Iterable[Target], source_ids: Sequence[str]) -> dict[int, int]:
    """Root tasks by the comments that are gone at the other side.

    Of an album only the whole counts as deleted.
    """
    return {one.id: one.root_id for one in comments if one.outside and one.source_id in source_ids}


def reacted(comment: Target, event: Reaction) -> list[dict[str, Any]] | None:
    """All signs at the comment: each person's last ones, the newest last."""
    value = clean_line(event.sender.value, 100)
    now = [one for one in comment.reactions if one["value"] != value]
    if event.signs:
        name = clean_line(event.sender.name, 150) or clean_line(event.sender.username or "") or "?"
        signs = [clean_line(sign, 16) for sign in event.signs]
        now.append({"value": value, "name": name, "signs": signs})
    return now[-_MOST_SIGNS:] or None
