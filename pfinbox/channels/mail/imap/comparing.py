"""What is in the folders of an account against what is stored of them (``account check``)."""

from collections.abc import Awaitable, Callable, Collection

from pfinbox.channels.mail.imap.cursor import Cursor, Position
from pfinbox.channels.mail.imap.fetching import Plan
from pfinbox.channels.mail.imap.session.answers import Fetched
from pfinbox.channels.mail.imap.session.session import Session
from pfinbox.channels.mail.reading.mime import read_header
from pfinbox.channels.mail.seal import is_signed
from pfinbox.domain.contract.comparing import Comparison, Unmatched

_LOOK = "(UID RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"
# As many as one answer may carry.
_AT_A_TIME = 500

Stored = Callable[[str], Awaitable[Collection[str]]]


async def compare(
    session: Session, plan: Plan, cursor: str | None, stored: Stored, mac_key: bytes
) -> Comparison:
    """Folder by folder, by UID. ``stored``: the receipts' keys that begin with a text.

    A copy of a mail that was sent here, known by ``mac_key``, is missing nowhere.
    """
    missing: list[Unmatched] = []
    extra: list[Unmatched] = []
    for name, position in Cursor.load(cursor).folders.items():
        folder = await session.open(name)
        base = position.base if folder.uidvalidity == position.uidvalidity else 0
        prefix = f"{name}:{folder.uidvalidity}:"
        there = await session.search("UID 1:*")
        here = {int(key.rpartition(":")[2]) for key in await stored(prefix)}
        absent = [uid for uid in there if uid > base and uid not in here]
        looks = await _looked_at(session, position, absent)
        if name == plan.sent:
            looks = [one for one in looks if not is_signed(mac_key, read_header(one.data))]
        missing += [Unmatched(f"{prefix}{one.uid}", _message_id(one)) for one in looks]
        if plan.stored_move is None or name not in plan.folders:
            # What is stored is moved away where that is configured.
            extra += [Unmatched(f"{prefix}{uid}") for uid in sorted(here.difference(there))]
    return Comparison(missing, extra)


async def _looked_at(session: Session, position: Position, uids: list[int]) -> list[Fetched]:
    """These mails, without those that were never to be read."""
    looks: list[Fetched] = []
    for start in range(0, len(uids), _AT_A_TIME):
        looks += await session.fetch(uids[start : start + _AT_A_TIME], _LOOK)
    looks.sort(key=lambda look: look.uid)
    return [one for one in looks if not position.is_unwanted(one.uid, one.received_at)]


def _message_id(look: Fetched) -> str | None:
    _name, _colon, value = look.data.decode("ascii", "replace").partition(":")
    return " ".join(value.split()) or None
