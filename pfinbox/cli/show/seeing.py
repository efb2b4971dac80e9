"""What a contact with access would see, and why; what a change would show them (R37-R39)."""

from collections.abc import Callable, Coroutine, Iterable, Iterator
from typing import Any, TypeVar

from pfinbox.cli.shell.output import print_json, print_lines
from pfinbox.cli.shell.session import Session
from pfinbox.cli.shell.speaking import option
from pfinbox.domain.people.portal import Look
from pfinbox.domain.text.cleaning import clean
from pfinbox.errors import NotFound
from pfinbox.i18n import N_, _
from pfinbox.services.inbox import Inbox
from pfinbox.services.people import portal_view
from pfinbox.services.people.revealing import WouldReveal
from pfinbox.store import read

T = TypeVar("T")

force_option = option(
    "--force", is_flag=True, help=N_("Although it shows a contact what they never got.")
)


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


def revealed_as_json(looks: Iterable[Look]) -> list[dict[str, Any]]:
    """What nobody must let be seen unread: who would see it, and the words."""
    return [
        {"contact_id": look.contact_id, "text": look.text, **one}
        for look, one in zip(looks, as_json(looks), strict=True)
    ]


def lines(looks: Iterable[Look]) -> Iterator[str]:
    for look in looks:
        word = _("shown") if look.shown else _("not shown")
        yield _("#{task} comment {id}: {word}: {why}").format(
            task=look.task_id, id=look.comment_id, word=word, why=look.reason.sentence()
        )


async def show(
    inbox: Inbox,
    contact_id: int,
    *,
    json: bool,
    setting: str | None = None,
    task_id: int | None = None,
) -> None:
    """Print every comment of the contact's tasks, or of one of them, as that contact sees it."""
    async with inbox.store.read() as uow:
        looks = await portal_view.portal_view(uow, inbox.actor, contact_id, setting)
        if task_id is not None:
            root = await read.resolve_task(uow, inbox.actor, task_id)
            looks = [look for look in looks if look.task_id == root]
            if not looks:
                raise NotFound(
                    _("task #{task} is not one of contact {id}'s").format(task=root, id=contact_id)
                )
    if json:
        print_json(as_json(looks))
    else:
        print_lines(lines(looks))


def revealing_lines(looks: Iterable[Look]) -> Iterator[str]:
    """The words that would be seen, comment by comment."""
    for look in looks:
        yield _("#{task} comment {id}, to contact {contact}: {why}").format(
            task=look.task_id,
            id=look.comment_id,
            contact=look.contact_id,
            why=look.reason.sentence(),
        )
        yield from (f"    {line}" for line in clean(look.text).splitlines())


def run(
    session: Session, work: "Callable[[Inbox], Coroutine[Any, Any, T]]", *, force: bool, json: bool
) -> T:
    """Do what may show a contact what they never got; without ``force`` that is listed (R49)."""
    try:
        return session.run(lambda inbox: work(inbox.agreeing(force)))
    except WouldReveal as refusal:
        if json:
            print_json({"would_reveal": revealed_as_json(refusal.looks)})
        else:
            print_lines(revealing_lines(refusal.looks))
        raise
