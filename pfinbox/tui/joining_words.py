"""What a merge brings together and what an unmerge takes away, line by line (R32, R33)."""

from textual.content import Content

from pfinbox.i18n import _, ngettext
from pfinbox.services.merging.merge_preview import Together
from pfinbox.services.merging.unmerge_plan import Preview
from pfinbox.store.rows import Conversation
from pfinbox.tui import safe
from pfinbox.wording.names import status_name
from pfinbox.wording.times import Clock


def together_lines(found: Together) -> list[Content]:
    """The survivor first, then what comes to it; the question last."""
    survivor, *others = found.parts
    lines = [Content.styled(_("stays"), "dim"), *_task(survivor), Content("")]
    lines += [Content.styled(_("comes to it"), "dim")]
    for other in others:
        lines += _task(other)
    people = {p.who: p.name for part in found.parts for p in part.participants}
    if people:
        words = _("participants: {names}").format(names=", ".join(people.values()))
        lines += [Content(""), safe.line(words)]
    if found.preview.question is not None:
        lines += [Content(""), safe.line(f"! {found.preview.question}", "bold $text-warning")]
    else:
        client = next((p.task.contact for p in found.parts if p.task.contact), None)
        if client is not None:
            words = _("A comment to the client goes to {name}.").format(name=client.name)
            lines += [Content(""), safe.line(words)]
    return lines


def _task(part: Conversation) -> list[Content]:
    """Number, client and title; then how much it is and by which channels."""
    task, count = part.task, len(part.comments)
    comments = ngettext("{n} comment", "{n} comments", count).format(n=count)
    if part.more:
        comments = _("more than {n} comments").format(n=count)
    channels = ", ".join(dict.fromkeys(chat.account for chat in part.chats)) or _("no channel")
    facts = (comments, channels, status_name(task.status))
    client = task.contact.name if task.contact else _("no client")
    return [
        Content.assemble(
            (f"  #{task.id} ", "dim"), safe.line(client, "bold", 40), "  ", safe.line(task.title)
        ),
        Content.assemble("     ", safe.line(" · ".join(facts), "dim")),
    ]


def apart_lines(found: Preview, clock: Clock) -> list[Content]:
    """Each comment with the task where it would be; what moves there by its chat is marked."""
    lines, signs = [], (_("stays"), _("goes"))
    for place in found.places:
        goes = place.task_id == found.task_id
        sign = signs[goes].ljust(max(map(len, signs)))
        why = _(" (it was sent by its chat)") if place.moves else ""
        lines.append(
            Content.assemble(
                (f"{sign} #{place.task_id}  ", "bold" if goes else "dim"),
                (clock.moment(place.at) + "  ", "dim"),
                safe.line(place.line + why, "" if goes else "dim", 120),
            )
        )
    if found.refusal:
        lines += [Content(""), safe.line(f"! {found.refusal}", "bold $text-warning")]
    return lines
