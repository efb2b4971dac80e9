"""What a purge or an erasure takes away, and what it leaves of the rest (R34)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pfinbox.domain.merging.chain import Link
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.record import record

# The name of an erased card.
NOBODY = "—"


@record
class Gone:
    """What a purge takes away for good, as numbers; ``bytes`` is the content of files."""

    tasks: int
    comments: int
    files: int
    bytes: int
    # Comments that wait to be sent; nobody will get them.
    unsent: int
    drafts: int


@record
class Erasure:
    """``elsewhere``: comments that go from conversations of others."""

    conversations: Gone
    elsewhere: int
    addresses: int


@record
class Naming:
    """A receipt that names somebody; ``comment_id`` is that of a quarantined one."""

    id: int
    account_id: int
    sha256: str
    comment_id: int | None


def must_be_theirs(foreign: Mapping[int, int | None], visible: Collection[int]) -> list[int]:
    """The conversations of a contact; Refused where purging them would hit somebody else.

    ``foreign``: by root, a task of another contact that is merged into it.
    """
    for task_id, other in foreign.items():
        if task_id not in visible:
            raise Refused(
                _("a colleague has conversations with this contact that you may not see; ask them")
            )
        if other is not None:
            raise Refused(
                _("task #{other} of another contact is merged into #{id}; unmerge it first").format(
                    other=other, id=task_id
                )
            )
    return list(foreign)


def before(root_id: int, purged: Mapping[int, Link]) -> int | None:
    """What came before a purged root and stays: a later task's link leads there (R8).

    ``purged``: everything that is purged at the same time.
    """
    seen: set[int] = set()
    task_id: int | None = root_id
    while task_id is not None and task_id in purged and task_id not in seen:
        seen.add(task_id)
        link = purged[task_id]
        task_id = link.root_id if link.root_id != task_id else link.previous_id
    return task_id if task_id not in purged else None


def mentions(choices: Any, values: Collection[str]) -> bool:
    """Whether a draft's choices name one of these addresses, also among what was typed."""
    if isinstance(choices, Mapping):
        return any(mentions(one, values) for one in choices.values())
    if isinstance(choices, str):
        text = choices.lower()
        # Only an e-mail address cannot be a part of another word by chance.
        return any(one == text or ("@" in one and one in text) for one in values)
    return isinstance(choices, Sequence) and any(mentions(one, values) for one in choices)


def without_mentions(choices: Any, values: Collection[str]) -> Any:
    """The same choices without whatever names one of these addresses."""
    if isinstance(choices, Mapping):
        kept = {key: without_mentions(one, values) for key, one in choices.items()}
        if "copies" in choices:
            kept["copies"] = [one for one in choices["copies"] if not mentions(one, values)]
        return {key: one for key, one in kept.items() if one is not None}
    if isinstance(choices, str):
        return None if mentions(choices, values) else choices
    if isinstance(choices, Sequence):
        if any(isinstance(one, str) and mentions(one, values) for one in choices):
            # A person with their name.
            return None
        return [kept for one in choices if (kept := without_mentions(one, values)) is not None]
    return choices


def without_recipients(recipients: Mapping[str, Any], values: Collection[str]) -> dict[str, Any]:
    """To, Cc and names of a mail without these addresses."""
    kept: dict[str, Any] = {
        key: [one for one in some if one not in values]
        for key, some in recipients.items()
        if key != "names"
    }
    names = recipients.get("names", {})
    return {**kept, "names": {value: name for value, name in names.items() if value not in values}}


def without_people(content: Mapping[str, Any], values: Collection[str]) -> dict[str, Any]:
    """What is frozen of a mail to several, without these addresses."""
    people = {
        field: [one for one in content[field] if one["value"] not in values]
        for field in ("to", "cc")
    }
    return {**content, **people}


def without_signs(
    reactions: Sequence[Mapping[str, Any]], values: Collection[str]
) -> list[Mapping[str, Any]]:
    """The signs at a comment without those of these people."""
    return [one for one in reactions if one["value"] not in values]
