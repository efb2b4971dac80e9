"""What a merge brings together and what an unmerge takes away, line by line (R32, R33)."""

from pfinbox.i18n import _, ngettext
from pfinbox.services.merging.merge_preview import Together
from pfinbox.services.merging.unmerge_plan import Preview
from pfinbox.store.rows import Conversation
from pfinbox.wording.names import status_name
from pfinbox.wording.spans import Role, Spans, outside, said
from pfinbox.wording.times import Clock


def together_lines(found: Together) -> list[Spans]:
    """The survivor first, then what comes to it; the question last."""
    survivor, *others = found.parts
    lines: list[Spans] = [said(_("stays"), Role.ASIDE), *_task(survivor), ()]
    lines += [said(_("comes to it"), Role.ASIDE)]
    for other in others:
        lines += _task(other)
    people = {p.who: p.name for part in found.parts for p in part.participants}
    if people:
        words = _("participants: {names}").format(names=", ".join(people.values()))
        lines += [(), outside(words)]
    if found.preview.question is not None:
        lines += [(), outside(f"! {found.preview.question}", Role.WARNING)]
    else:
        client = next((p.task.contact for p in found.parts if p.task.contact), None)
        if client is not None:
            words = _("A comment to the client goes to {name}.").format(name=client.name)
            lines += [(), outside(words)]
    return lines


def _task(part: Conversation) -> list[Spans]:
    """Number, client and title; then how much it is and by which channels."""
    task, count = part.task, len(part.comments)
    comments = ngettext("{n} comment", "{n} comments", count).format(n=count)
    if part.more:
        comments = _("more than {n} comments").format(n=count)
    channels = ", ".join(dict.fromkeys(chat.account for chat in part.chats)) or _("no channel")
    facts = (comments, channels, status_name(task.status))
    client = task.contact.name if task.contact else _("no client")
    return [
        (
            said(f"  #{task.id} ", Role.ASIDE)
            + outside(client, Role.NAME, 40)
            + said("  ")
            + outside(task.title)
        ),
        (said("     ") + outside(" · ".join(facts), Role.ASIDE)),
    ]


def apart_lines(found: Preview, clock: Clock) -> list[Spans]:
    """Each comment with the task where it would be; what moves there by its chat is marked."""
    lines: list[Spans] = []
    signs = (_("stays"), _("goes"))
    for place in found.places:
        goes = place.task_id == found.task_id
        sign = signs[goes].ljust(max(map(len, signs)))
        why = _(" (it was sent by its chat)") if place.moves else ""
        lines.append(
            said(f"{sign} #{place.task_id}  ", Role.NAME if goes else Role.ASIDE)
            + said(clock.moment(place.at) + "  ", Role.ASIDE)
            + outside(place.line + why, Role.PLAIN if goes else Role.ASIDE, 120)
        )
    if found.refusal:
        lines += [(), outside(f"! {found.refusal}", Role.WARNING)]
    return lines
