"""Mails of one folder as the inbox takes them: sizes first, then what is wanted, in batches.

Of each batch the mails are fetched here and now; they are read while the next ones are fetched.
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import field, replace
from functools import partial

from pfinbox.channels.mail.apart.worker import Worker, unreadable
from pfinbox.channels.mail.imap.ahead import Rest
from pfinbox.channels.mail.imap.cursor import Position
from pfinbox.channels.mail.imap.notgiven import NotGiven
from pfinbox.channels.mail.imap.session.answers import Fetched
from pfinbox.channels.mail.imap.session.refused import FetchRefused
from pfinbox.channels.mail.imap.session.session import Session
from pfinbox.channels.mail.imap.turns import Turns
from pfinbox.channels.mail.reading.mime import Place, Reader, read_header
from pfinbox.channels.mail.seal import is_signed
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.channel import TemporaryFailure
from pfinbox.domain.contract.incoming import Ignored, Incoming, IncomingEvent, Message
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.packing import pack
from pfinbox.record import record

# Two batches may wait while a third is stored.
BATCH_BYTES = 4_000_000
_LOOK = "(UID FLAGS RFC822.SIZE INTERNALDATE)"
# Where our own copies may lie, which are known by their ids.
_LOOK_CLOSELY = "(UID FLAGS{labels} RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"
_HEADER = "(UID INTERNALDATE BODY.PEEK[HEADER])"
_WHOLE = "(UID INTERNALDATE BODY.PEEK[])"


@record
class Plan:
    """What to read. The first of ``folders`` is the one that is watched between the readings."""

    folders: tuple[str, ...]
    sent: str | None
    spam: str | None
    first_sync: str
    max_size: int
    idle_seconds: float
    # What is done at the server with mail of ``folders`` that is stored here.
    stored_flag: str | None = None
    stored_move: str | None = None


@record
class _Given:
    """Mails of a folder as the server gave them; ``last``: the last UID that they cover."""

    name: str
    position: Position
    last: int
    looks: dict[int, Fetched]
    mails: list[Fetched]
    # Those of which only the header is here.
    heads: frozenset[int]
    # Of long ago: new mail is read before them.
    patient: bool
    # What there is to say of others: given up, or drafts.
    others: list[Incoming] = field(default_factory=list)


class Fetcher:
    """Reads mails by their UIDs over one session."""

    def __init__(
        self,
        session: Session,
        turns: Turns,
        worker: Worker,
        reader: Reader,
        plan: Plan,
        not_given: NotGiven,
    ) -> None:
        self._session = session
        self._turns = turns
        self._worker = worker
        self._reader = reader
        self._plan = plan
        self._not_given = not_given

    async def fetch(
        self, name: str, position: Position, uids: list[int], *, newest_first: bool = False
    ) -> AsyncGenerator[Rest[tuple[Batch, int]], None]:
        """These mails of a folder, still to be read; several batches where they are big together.

        With each the last UID that it covers, the lowest where the newest come first; its cursor
        is for the caller to set.
        """
        async with self._turns.at(name) as session:
            looks = await session.fetch(uids, self._look(name))
        looks.sort(key=lambda look: look.uid, reverse=newest_first)
        group: list[Fetched] = []
        total = 0
        for look in looks:
            cost = look.size if self._wants_body(name, look) else 0
            if group and total + cost > BATCH_BYTES:
                given = await self._fetched(name, position, group, group[-1].uid, newest_first)
                yield partial(self._read, given)
                group, total = [], 0
            group.append(look)
            total += cost
        # Up to the last UID asked for: what is missing was expunged meanwhile.
        last = uids[0] if newest_first else uids[-1]
        given = await self._fetched(name, position, group, last, newest_first)
        yield partial(self._read, given)

    def _look(self, name: str) -> str:
        gmail = self._session.has("X-GM-EXT-1")
        if not gmail and name != self._plan.sent:
            return _LOOK
        return _LOOK_CLOSELY.format(labels=" X-GM-LABELS" if gmail else "")

    async def _fetched(
        self, name: str, position: Position, looks: list[Fetched], last: int, patient: bool
    ) -> _Given:
        looks = sorted(looks, key=lambda look: look.uid)
        wanted = [look for look in looks if not position.is_unwanted(look.uid, look.received_at)]
        drafts = [look for look in wanted if _is_draft(look)]
        wanted = [look for look in wanted if not _is_draft(look)]
        whole = [look.uid for look in wanted if self._wants_body(name, look)]
        heads = [look.uid for look in wanted if not self._wants_body(name, look)]
        size = sum(look.size for look in wanted if look.uid in set(whole))
        prefix = f"{name}:{position.uidvalidity}:"
        async with self._turns.at(name):
            mails = await self._given(prefix, whole, _WHOLE, size)
            mails += await self._given(prefix, heads, _HEADER)
        known = {look.uid: look for look in wanted}
        mails.sort(key=lambda mail: mail.uid)
        missing = [look for look in wanted if self._not_given.is_given_up(f"{prefix}{look.uid}")]
        others = [self._without(prefix, position, look) for look in missing]
        others += [_draft(prefix, look) for look in drafts]
        return _Given(name, position, last, known, mails, frozenset(heads), patient, others)

    async def _read(self, given: _Given) -> tuple[Batch, int]:
        items = await asyncio.to_thread(self._incoming, given)
        return Batch(items=(*items, *given.others)), given.last

    async def _given(self, prefix: str, uids: list[int], what: str, size: int = 0) -> list[Fetched]:
        """One mail that the server cannot give must not keep the others back for ever."""
        if not uids:
            return []
        try:
            mails = await self._session.fetch(uids, what, size)
            missing = set(uids) - {mail.uid for mail in mails}
            return mails + (await self._insist(prefix, missing, what, size) if missing else [])
        except FetchRefused as error:
            if len(uids) > 1:
                return [
                    mail for uid in uids for mail in await self._given(prefix, [uid], what, size)
                ]
            if self._not_given.count(f"{prefix}{uids[0]}", later=error.later):
                return []
            raise

    async def _insist(self, prefix: str, missing: set[int], what: str, size: int) -> list[Fetched]:
        """An answer without a mail is no refusal: was it expunged, or does the server keep it?

        Exchange answers so for mails that it cannot convert.
        """
        found: list[Fetched] = []
        for uid in await self._session.search("UID " + ",".join(map(str, sorted(missing)))):
            mails = await self._session.fetch([uid], what, size)
            if not mails and not self._not_given.count(f"{prefix}{uid}"):
                detail = f"FETCH: nothing for UID {uid}"
                raise TemporaryFailure(Reason("server_error", {"detail": detail}))
            found += mails
        return found

    def _without(self, prefix: str, position: Position, look: Fetched) -> Incoming:
        """What is known of it: that it is there."""
        place = Place(look.received_at)
        reason = Reason("unreadable", {"detail": "the server does not give it"})
        return Incoming(
            key=f"{prefix}{look.uid}",
            raw=look.data,
            event=unreadable(look.data, place, reason),
            history=position.is_history(look.uid, look.received_at),
        )

    def _wants_body(self, name: str, look: Fetched) -> bool:
        return look.size <= self._plan.max_size and not self._is_ours(name, look)

    def _is_ours(self, name: str, look: Fetched) -> bool:
        """Our own copy, where copies of ours lie: that it exists is all there is to know."""
        in_sent = self._place(name, look).in_sent
        return in_sent and is_signed(self._reader.mac_key, read_header(look.data))

    def _incoming(self, given: _Given) -> list[Incoming]:
        name, position, mails, looks = given.name, given.position, given.mails, given.looks
        items = []
        places = [self._place(name, looks[mail.uid]) for mail in mails]
        asked = [(m.data, p) for m, p in zip(mails, places, strict=True)]
        found = self._worker.look(asked, patient=given.patient)
        for mail, read in zip(mails, found, strict=True):
            event: IncomingEvent = read
            size = looks[mail.uid].size
            if (
                mail.uid in given.heads
                and size > self._plan.max_size
                and isinstance(event, Message)
            ):
                event = stub(event, size)
            items.append(
                Incoming(
                    key=f"{name}:{position.uidvalidity}:{mail.uid}",
                    raw=mail.data,
                    packed=pack(mail.data),
                    event=event,
                    match_bytes=mail.uid <= position.again or self._one_of_many,
                    history=position.is_history(mail.uid, mail.received_at),
                )
            )
        return items

    @property
    def _one_of_many(self) -> bool:
        """Whether a mail may stand in several folders at once: Gmail's are labels of one mail."""
        return len(self._plan.folders) > 1 and self._session.has("X-GM-EXT-1")

    def _place(self, name: str, look: Fetched) -> Place:
        """Gmail's labels say more than the folder: "All Mail" holds what was sent, too."""
        return Place(
            look.received_at,
            name == self._plan.sent or "\\sent" in look.labels,
            name == self._plan.spam or "\\junk" in look.labels or "\\spam" in look.labels,
        )


def _is_draft(look: Fetched) -> bool:
    return "\\draft" in look.flags or "\\draft" in look.labels


def _draft(prefix: str, look: Fetched) -> Incoming:
    """Somebody is still writing it with another program: nothing to show."""
    return Incoming(key=f"{prefix}{look.uid}", raw=look.data, event=Ignored(reason=Reason("draft")))


def stub(message: Message, size: int) -> Message:
    """A mail that was too large to fetch: a message all the same, in its thread."""
    return replace(message, warnings=(*message.warnings, Reason("mail_too_large", {"size": size})))
