"""The conversation as a contact with access sees it, and why each comment is shown or not (R37)."""

from textual.content import Content

from pfinbox.i18n import _
from pfinbox.services.people import portal_view
from pfinbox.services.people.portal_view import Preview
from pfinbox.store.rows import CommentRow, Conversation, Person, PortalCommentRow
from pfinbox.tui.commands.family import Family
from pfinbox.tui.dialogs.ask import Question
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.dialogs.reading import Reading
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.portal import author, standing, task_title
from pfinbox.wording.times import Clock


class PortalPreviewCommands(Family):
    """Looking with a client's eyes."""

    def as_client(self, argument: str = "") -> None:
        """Of several contacts one is chosen first."""
        held, row = self.layout.task_pane.conversation, self.layout.target
        if row is None or held is None or held.task.id != row.id:
            self.context.say(_("Open the task first."))
            return
        people = contacts_of(held)
        if not people:
            self.context.say(_("There is no client here."))
        elif len(people) == 1:
            self._see_as(held, people[0])
        else:
            items = [Item(safe.line(person.name), person) for person in people]

            def chosen(person: Person | None) -> None:
                if person is not None:
                    self._see_as(held, person)

            self.push(Choose(Content(_("See it as")), items), chosen)

    def _see_as(self, held: Conversation, person: Person) -> None:
        inbox, clock = self.context.inbox, self.context.present()

        async def load() -> Question:
            found = await inbox.read(portal_view.preview, person.id, held.task.id)
            return Question([*page_head(found, person), *seen_lines(held, found, clock)], [])

        title = safe.line(_("As {name} sees #{id}").format(name=person.name, id=held.task.id))
        self.push(Reading(title, load))


def page_head(found: Preview, person: Person) -> list[Content]:
    """What the page is called there, and whether it can be opened."""
    lines: list[Content] = []
    if found.page is not None:
        task = found.page.task
        lines += [safe.worded(task_title(task)), safe.worded(standing(task))]
    if not found.access:
        words = _("{name} has no access: nobody can open this page yet")
        lines.append(safe.line(words.format(name=person.name), "$text-warning"))
    return [*lines, Content("")] if lines else lines


def contacts_of(held: Conversation) -> list[Person]:
    """The client first, then whoever else outside has a part in it."""
    found: dict[int, Person] = {}
    everyone = [held.task.contact, *held.participants]
    for row in held.comments:
        everyone += [row.author, *row.notified]
    for person in everyone:
        if person is not None and person.kind == "contact":
            found.setdefault(person.id, person)
    return list(found.values())


def seen_lines(held: Conversation, found: Preview, clock: Clock) -> list[Content]:
    """What is shown as the page shows it; of the rest only who wrote, and why it is not."""
    looks = {look.comment_id: look for look in found.looks}
    shown = {row.id: row for row in found.page.comments} if found.page is not None else {}
    lines: list[Content] = []
    for row in held.comments:
        look = looks.get(row.id)
        if row.id in shown:
            lines += _shown(shown[row.id], clock)
        elif look is not None and look.shown:
            # The page has fewer comments than the conversation here.
            lines.append(_aside(row, _("shown on an earlier page")))
        else:
            why = look.reason.sentence() if look else _("it is not one of this contact's")
            lines.append(_aside(row, _("not shown: {why}").format(why=why)))
        lines.append(Content(""))
    return lines[:-1]


def _aside(row: CommentRow, words: str) -> Content:
    return Content.assemble(
        ("╌ ", "$foreground-muted"),
        safe.line(row.author.name, "$foreground-muted", 40),
        "  ",
        safe.line(words, "italic $foreground-muted"),
    )


def _shown(row: PortalCommentRow, clock: Clock) -> list[Content]:
    head = Content.assemble(
        ("▌ ", "$text-primary"),
        safe.worded(author(row, _("the company"))),
        (f"  {clock.moment(row.created_at)}", "$foreground-muted"),
    )
    text = safe.block((row.new_text or row.text).strip("\n")[:5000])
    files = [safe.line(f"▪ {file.name}", "$text-primary") for file in row.files]
    quote = [safe.line(f"│ {row.quote}", "$foreground-muted", 200)] if row.quote else []
    return [head, *quote, text, *files]
