"""What a contact writes on their page: received as any message is, decided by the same rules (R36).

There is no cursor and no lease: the receipt's key is ``portal:`` with the form's own nonce, so that
a double press stays one comment (R12).
"""

import json
from collections.abc import Sequence

from pfinbox.domain.actor import ContactActor
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.incoming import ByPage, Incoming, Message
from pfinbox.domain.contract.party import Party
from pfinbox.domain.inbound.identity.repeats import fingerprint
from pfinbox.domain.model import Who
from pfinbox.domain.people.page_writing import Way, way_into, way_of_new
from pfinbox.errors import NotFound, Refused
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.services.inbound import receiving
from pfinbox.store import snapshots
from pfinbox.store.read.portal import activity
from pfinbox.store.read.portal.sight import Sight, sight
from pfinbox.store.read.portal.tasks import contact_task
from pfinbox.store.uow import UnitOfWork

LONGEST = 100_000


@record
class Written:
    """A form as it was sent; ``nonce`` was given out with it."""

    nonce: str
    text: str
    files: Sequence[File] = ()
    subject: str = ""


async def comment(
    uow: UnitOfWork, actor: ContactActor, task_id: int, written: Written
) -> int | None:
    """Write into one of the contact's tasks.

    The task in which it landed, which is another one where R6 opens a new one; None where that is
    not on the contact's page.
    """
    who = await writer(uow, actor)
    task = await snapshots.task(uow, (await contact_task(uow, who, task_id)).id)
    me = Who("contact", who.reader.id)
    people = await snapshots.people(uow, [me])
    contact = people.contacts[me.id]
    way = way_into(task, contact, people)
    chat_id = way.chat.id if way.chat is not None else None
    place = ByPage(task_id=task.id, chat_id=chat_id)
    return await _receive(uow, who, way, place, contact.name, written)


async def open_task(
    uow: UnitOfWork, actor: ContactActor, account: str | None, written: Written
) -> int | None:
    """Open a task; ``account``: the configured ``new_task_account``."""
    who = await writer(uow, actor)
    me = Who("contact", who.reader.id)
    people = await snapshots.people(uow, [me])
    contact = people.contacts[me.id]
    way = way_of_new(account, contact, people)
    place = ByPage(task_id=None, chat_id=None)
    return await _receive(uow, who, way, place, contact.name, written)


async def writer(uow: UnitOfWork, actor: ContactActor) -> Sight:
    """What a contact sees who may also write; Refused with a link to one task alone."""
    who = await sight(uow, actor)
    if actor.task_id is not None:
        # Whoever has the mail may have been forwarded it.
        raise Refused(_("Please sign in to write here."))
    return who


async def _receive(
    uow: UnitOfWork, who: Sight, way: Way, place: ByPage, name: str, written: Written
) -> int | None:
    text = written.text.replace("\r\n", "\n").strip("\n")
    if not text.strip() and not written.files:
        raise Refused(_("Please write something first."))
    if len(text) > LONGEST:
        raise Refused(_("That is too long. Please send it as a file."))
    message = Message(
        source_id="",
        chat_key=way.chat.key if way.chat is not None else None,
        sender=Party(way.address, name),
        sent_at=uow.now,
        text=text,
        title=written.subject.strip() or None,
        files=tuple(written.files),
        verified=True,
        by_page=place,
    )
    # What differs in anything is no repeat (R12).
    key = f"portal:{written.nonce[:64]}:{fingerprint(message)[:16]}"
    incoming = Incoming(key=key, raw=_raw(who, place, message, key), event=message)
    await receiving.receive(uow, way.account.id, Batch(items=(incoming,)))
    landed = await activity.landed(uow, way.account.id, key)
    if landed is None:
        return None
    try:
        return (await contact_task(uow, who, landed)).id
    except NotFound:
        return None


def _raw(who: Sight, place: ByPage, message: Message, key: str) -> bytes:
    """The original that is kept: no channel has one."""
    values = {
        "key": key,
        "contact": who.reader.id,
        "task": place.task_id,
        "subject": message.title,
        "text": message.text,
        "files": [[file.name, file.media_type, len(file.content)] for file in message.files],
    }
    return json.dumps(values, ensure_ascii=False).encode()
