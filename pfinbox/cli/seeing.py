"""What a contact with access would see, and why; what a change would show them (R37-R39)."""

from collections.abc import Iterable, Iterator
from typing import Any

from pfinbox.cli.output import print_json, print_lines
from pfinbox.cli.session import Desk
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.services import portal_view
from pfinbox.services.portal_view import Look, WouldReveal
from pfinbox.store import queries


def as_json(looks: Iterable[Look]) -> list[dict[str, Any]]:
    return [
        {
            "task_id": look.task_id,
            "comment_id": look.comment_id,
            "shown": look.shown,
            "reason": look.reason.as_json(),
        }
        for look in looks
    ]


def lines(looks: Iterable[Look]) -> Iterator[str]:
    for look in looks:
        word = _("shown") if look.shown else _("not shown")
        yield _("#{task} comment {id}: {word}: {why}").format(
            task=look.task_id, id=look.comment_id, word=word, why=look.reason.sentence()
        )


async def show(
    desk: Desk,
    contact_id: int,
    *,
    json: bool,
    setting: str | None = None,
    task_id: int | None = None,
) -> None:
    """Print every comment of the contact's tasks, or of one of them, as that contact sees it."""
    async with desk.store.read() as uow:
        looks = await portal_view.portal_view(uow, desk.me, contact_id, setting)
        if task_id is not None:
            root = await queries.resolve_task(uow, desk.me, task_id)
            looks = [look for look in looks if look.task_id == root]
            if not looks:
                raise NotFound(
                    _("task #{task} is not one of contact {id}'s").format(task=root, id=contact_id)
                )
    if json:
        print_json(as_json(looks))
    else:
        print_lines(lines(looks))


def print_revealed(refusal: WouldReveal, *, json: bool) -> None:
    """The list that must be looked at before it is forced (R39)."""
    if json:
        print_json({"would_reveal": as_json(refusal.looks)})
    else:
        print_lines(lines(refusal.looks))
