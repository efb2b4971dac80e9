"""A contact's card with its addresses and tasks."""

from datetime import datetime

from pfinbox.record import record
from pfinbox.store.rows.tasks import TaskRow


@record
class PictureRow:
    """What a service shows of the person beside the name."""

    media_type: str
    size: int
    sha256: str
    fetched_at: datetime


@record
class AddressRow:
    id: int
    channel: str
    account: str | None
    value: str
    username: str | None
    main: bool
    duplicate: bool = False
    blocked: bool = False
    picture: PictureRow | None = None


@record
class ContactRow:
    """A card with its addresses and the ids of all its tasks, finished ones included (R26)."""

    id: int
    name: str
    company: str | None
    notes: str
    selectable: bool
    portal: bool
    addresses: tuple[AddressRow, ...]
    tasks: tuple[TaskRow, ...] = ()
    merged_into_id: int | None = None
