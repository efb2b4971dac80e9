"""A forward: chosen comments and files to somebody outside, with words above them (R45)."""

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from pfinbox.domain.contract.files import File
from pfinbox.domain.outbound.planning.delivery_plan import DeliveryPlan
from pfinbox.domain.outbound.queueing import forwarded_subject
from pfinbox.i18n import _
from pfinbox.services.comments import forwarding
from pfinbox.services.comments.forwarding import DRAFT, ForwardRequest
from pfinbox.services.comments.starting import Started
from pfinbox.services.inbox import Inbox
from pfinbox.store.rows import AttachmentRow, CommentRow, Conversation
from pfinbox.tui.mail.mail_sheet import MailSheet
from pfinbox.tui.mail.mail_writing import MailWriting
from pfinbox.tui.shell.context import context
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item, OwnList, PickList
from pfinbox.wording.names import byte_size
from pfinbox.wording.times import Clock

# So many of the newest comments can be chosen.
NEWEST = 30


class GoesAlong(OwnList):
    """The comments that can be passed on, each with its files; space marks."""

    def __init__(self, comments: Sequence[CommentRow], chosen: int | None, clock: Clock) -> None:
        super().__init__(id="goes-along")
        self._comments, self._clock = comments, clock
        # "comment" or "file" and its id, as the items' values are.
        self._marked: set[tuple[str, int]] = set()
        for row in comments:
            if row.id == chosen:
                self._mark_comment(row)

    def on_mount(self) -> None:
        self._draw()
        self.put_cursor(next((value for value in self.values if value in self._marked), None))

    @property
    def comments(self) -> tuple[int, ...]:
        return tuple(row.id for row in self._comments if ("comment", row.id) in self._marked)

    @property
    def files(self) -> tuple[int, ...]:
        """Only those of comments that go along."""
        return tuple(
            file.id
            for row in self._comments
            for file in row.attachments
            if {("comment", row.id), ("file", file.id)} <= self._marked
        )

    def _draw(self) -> None:
        items: list[Item] = []
        files = set(self.files)
        for row in self._comments:
            items.append(_comment(row, self._clock, checked=row.id in self.comments))
            items += [_file(file, checked=file.id in files) for file in row.attachments]
        self.show(items)

    def on_key(self, event: events.Key) -> None:
        if event.key in ("up", "down") or event.character in tuple("jkол"):
            self.move(-1 if event.key == "up" or event.character in ("k", "л") else 1)
        elif event.key == "space":
            self._mark(self.value)
        else:
            return
        event.stop()

    def on_pick_list_clicked(self, message: PickList.Clicked) -> None:
        message.stop()
        self._mark(message.value)

    def _mark(self, value: tuple[str, int] | None) -> None:
        """A comment brings its files along; a file its comment."""
        if value is None:
            return
        if value in self._marked:
            self._marked.discard(value)
        else:
            for row in self._comments:
                if value == ("comment", row.id):
                    self._mark_comment(row)
                elif value in {("file", file.id) for file in row.attachments}:
                    self._marked |= {("comment", row.id), value}
        self._draw()

    def _mark_comment(self, row: CommentRow) -> None:
        self._marked |= {("comment", row.id), *(("file", file.id) for file in row.attachments)}


class ForwardMail(MailSheet):
    """The client gets nothing of it; an answer comes back into the task."""

    def __init__(self, held: Conversation, chosen: int | None, to: str = "") -> None:
        passable = [row for row in held.comments if not row.internal and row.deleted_at is None]
        last = next((row for row in reversed(passable) if row.direction == "incoming"), None)
        ids = {row.id for row in passable}
        self.chosen = chosen if chosen in ids else (last.id if last is not None else None)
        self.passable = passable[-NEWEST:]
        subject = forwarded_subject(held.task.title)
        mail = MailWriting(held.task.id, mode=DRAFT, to=to, subject=subject)
        super().__init__(Content(_("Forward from #{id}").format(id=held.task.id)), mail)

    def below(self) -> Sequence[Widget]:
        words = _("Goes along below the text (space marks); the client gets nothing of this.")
        clock = context(self).present()
        return [
            Static(Content(words), classes="dialog-aside"),
            GoesAlong(self.passable, self.chosen, clock),
        ]

    @property
    def along(self) -> GoesAlong:
        return self.query_one(GoesAlong)

    def first_field(self) -> Widget:
        return self.box if self.mail.to else self.to.field

    def sends_something(self) -> bool:
        return bool(self.along.comments)

    def _request(self, to: tuple[str, ...], cc: tuple[str, ...]) -> ForwardRequest:
        return ForwardRequest(
            self.mail.task_id,
            to,
            self.along.comments,
            self.mail.body,
            cc=cc,
            subject=self.mail.subject,
            file_ids=self.along.files,
        )

    async def plan(self, to: tuple[str, ...], cc: tuple[str, ...]) -> DeliveryPlan:
        return await context(self).inbox.read(forwarding.plan, self._request(to, cc))

    async def store(self, inbox: Inbox, files: tuple[File, ...]) -> Started:
        request = ForwardRequest(
            self.mail.task_id,
            self.to.addresses,
            self.along.comments,
            self.mail.body,
            cc=self.cc.addresses,
            subject=self.mail.subject,
            file_ids=self.along.files,
            attachments=files,
            client_key=self.mail.key,
            undo_seconds=context(self).undo_seconds,
            send_at=self.mail.send_at,
            send_anyway=self.mail.anyway,
            then=self.mail.then,
        )
        return Started(request.task_id, await inbox.write(forwarding.forward, request))


def _comment(row: CommentRow, clock: Clock, *, checked: bool) -> Item:
    words = safe.line((row.new_text or row.text).strip(), "$foreground-muted", 60)
    label = Content.assemble(safe.line(row.author.name, "bold", 30), "  ", words)
    moment = Content.styled(clock.moment(row.created_at), "$foreground-muted")
    return Item(label, ("comment", row.id), moment, checked)


def _file(file: AttachmentRow, *, checked: bool) -> Item:
    label = Content.assemble("  ▪ ", safe.line(file.name, limit=60))
    size = Content.styled(byte_size(file.size), "$foreground-muted")
    return Item(label, ("file", file.id), size, checked)
