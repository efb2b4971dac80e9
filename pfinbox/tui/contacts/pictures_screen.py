"""What services show of a person: looked at, saved and opened like any file."""

from collections.abc import Sequence

from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.services.inbox import Inbox
from pfinbox.store.rows import AttachmentRow, ContactRow
from pfinbox.tui.files.files_screen import FilesScreen


class PicturesScreen(FilesScreen):
    """The pictures at a card's addresses; each is known by its address."""

    def __init__(self, contact: ContactRow) -> None:
        super().__init__(contact.id, None, _("Pictures"))
        self._contact = contact

    async def rows(self, inbox: Inbox) -> tuple[AttachmentRow, ...]:
        return tuple(
            AttachmentRow(
                one.id,
                f"{self._contact.name} ({one.channel}).{one.picture.media_type.rpartition('/')[2]}",
                one.picture.media_type,
                one.picture.size,
                one.picture.sha256,
                None,
            )
            for one in self._contact.addresses
            if one.picture is not None
        )

    async def content(self, inbox: Inbox, row: AttachmentRow) -> bytes:
        return (await inbox.read(queries.picture, self._contact.id, row.id))[1]

    def getting(self, row: AttachmentRow) -> Sequence[str]:
        return ("contact", "picture", str(self._contact.id), "--address", str(row.id))
