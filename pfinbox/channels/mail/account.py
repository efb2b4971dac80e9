"""One e-mail account as the inbox sees it: receive, send, mint, parse, probe, close."""

import asyncio
import contextlib
import logging
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pfinbox.channels.mail.apart.worker import Worker
from pfinbox.channels.mail.imap.comparing import compare
from pfinbox.channels.mail.imap.fetching import Plan
from pfinbox.channels.mail.imap.notgiven import NotGiven
from pfinbox.channels.mail.imap.receive import Receiver
from pfinbox.channels.mail.imap.seen import Seen
from pfinbox.channels.mail.imap.session.connecting import connect as connect_imap
from pfinbox.channels.mail.imap.session.session import Session
from pfinbox.channels.mail.imap.sweep import Sweep
from pfinbox.channels.mail.ports import IMAP_PORTS, SMTP_PORTS
from pfinbox.channels.mail.probe import probe_imap, probe_smtp
from pfinbox.channels.mail.reading.mime import Place, Reader
from pfinbox.channels.mail.server import server_of
from pfinbox.channels.mail.smtp import tokens
from pfinbox.channels.mail.smtp.client import hand_over
from pfinbox.channels.mail.smtp.compose import compose
from pfinbox.channels.mail.smtp.connection import Kept
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.channel import (
    AccountContext,
    AccountFailure,
    ChannelError,
    Finding,
    PermanentFailure,
    Transmitting,
)
from pfinbox.domain.contract.comparing import Comparison
from pfinbox.domain.contract.incoming import Incoming
from pfinbox.domain.contract.outgoing import Outgoing, Sent
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.text.mail_address import normalise

log = logging.getLogger(__name__)

# These keep a copy of what is handed to their SMTP server by themselves.
_SAVE_BY_THEMSELVES = (".gmail.com", ".googlemail.com", ".office365.com", ".outlook.com")
_COPY_SECONDS = 60.0
_REFUSED_SECONDS = 300.0


class MailAccount:
    def __init__(
        self, context: AccountContext, worker: Callable[[Reader], Worker] = Worker
    ) -> None:
        settings = context.settings
        self._settings = settings
        self._mac_key = context.mac_key
        self._address = normalise(settings["address"])
        self._name: str = settings["name"] or context.company
        self._signature: str = settings["signature"].strip("\n")
        own = {self._address, *(normalise(alias) for alias in settings["aliases"])}
        self._reader = Reader(
            mac_key=context.mac_key,
            addresses=frozenset(own),
            authserv_id=settings["authserv_id"],
            spam_header=settings["spam_header"],
            match_subject=settings["match_subject"],
        )
        self._worker = worker(self._reader)
        # What is read again keeps no new mail waiting.
        self._again = worker(self._reader)
        self._imap = server_of(settings["imap"], IMAP_PORTS) if settings["imap"] else None
        self._seen = Seen(self._imap, _marked_folders(settings["imap"])) if self._imap else None
        self._smtp = server_of(settings["smtp"], SMTP_PORTS) if settings["smtp"] else None
        self._sent_folder: str | None = settings["sent_folder"]
        self._not_given = NotGiven()
        self._stored_keys = context.stored_keys
        self._sweep = Sweep(context.stored_keys, float(settings["sweep_seconds"]))
        self._kept = Kept()
        # One mail at a time on each connection to the SMTP server.
        self.abreast: int = settings["smtp"]["connections"] if settings["smtp"] else 1
        self._copies: deque[bytes] = deque()
        self._copying: asyncio.Task[None] | None = None
        # A refused sign-in is not tried again for every mail: servers lock accounts for that.
        self._no_copies_until = 0.0

    async def receive(self, cursor: str | None) -> AsyncIterator[Batch]:
        if self._imap is None:  # sends only
            while True:
                yield Batch(cursor=cursor, idle=True)
                await asyncio.sleep(float(self._settings["idle_seconds"]))
        # Beside it: what reads the mails needs as long to start as the first of them to come.
        self._worker.begin()
        session = await connect_imap(self._imap)
        self._no_copies_until = 0.0
        try:
            plan = await self._plan(session)
            receiver = Receiver(
                session, self._worker, self._reader, plan, cursor, self._not_given, self._sweep
            )
            async with contextlib.aclosing(receiver.batches()) as batches:
                async for batch in batches:
                    yield batch
        finally:
            # No good-bye: it would wait for a server that may be gone.
            session.abort()

    async def _plan(self, session: Session) -> Plan:
        settings = self._settings
        if not self._sent_folder:
            self._sent_folder = await _marked_sent(session)
        folders = tuple(settings["imap"]["folders"]) or ("INBOX",)
        return Plan(
            folders=folders,
            sent=self._sent_folder if settings["read_sent"] else None,
            spam=settings["spam_folder"],
            first_sync=settings["first_sync"],
            max_size=settings["max_size"],
            idle_seconds=float(settings["idle_seconds"]),
            stored_flag=settings["imap"]["stored_flag"],
            stored_move=settings["imap"]["stored_move"],
        )

    async def mark_each_read(self, source_ids: Sequence[str]) -> None:
        """RFC 9051, 2.3.2: the flag \\Seen, wherever the mails lie by now."""
        if self._seen is not None:
            await self._seen.mark(source_ids)

    async def compare(self, cursor: str | None) -> Comparison:
        if self._imap is None or self._stored_keys is None:
            return Comparison((), ())
        session = await connect_imap(self._imap)
        try:
            plan = await self._plan(session)
            return await compare(session, plan, cursor, self._stored_keys, self._mac_key)
        finally:
            session.abort()

    async def send(self, part: Outgoing, transmitting: Transmitting) -> Sent:
        if self._smtp is None:
            raise PermanentFailure(Reason("no_mail_account"))
        source_id = part.source_id or tokens.message_id(
            self._mac_key, part.reply_token or "", secrets.token_hex(10), self._domain
        )
        names = [name for name in (part.sender_name, self._name) if name]
        everyone = [party.value for party in (*part.to, *part.cc)]
        recipients = list(dict.fromkeys(everyone if part.only is None else part.only))
        if not recipients or "" in recipients:
            name = next((party.name for party in part.to if not party.value), "")
            raise PermanentFailure(Reason("no_address", {"name": name}))
        make = partial(
            compose,
            self._signed(part),
            source_id=source_id,
            sender=Party(self._address, ", ".join(names)),
            reply_to=self._reply_to(part),
            mac_key=self._mac_key,
        )
        # Files may be large.
        mail = await asyncio.to_thread(make) if part.files else make()
        limit = self._settings["max_size"]
        if len(mail) > limit:
            size = {"name": part.subject or "", "size": len(mail), "limit": limit}
            raise PermanentFailure(Reason("file_too_large", size))
        sender = "" if part.no_bounce else self._address
        await hand_over(self._smtp, sender, recipients, mail, transmitting, kept=self._kept)
        if not part.automatic:
            self._keep_copy(mail)
        return Sent(source_id)

    def _signed(self, part: Outgoing) -> Outgoing:
        """With the account's signature, below a line that mail programs know it by (RFC 3676)."""
        if part.automatic or not self._signature:
            return part
        signature = self._signature.replace("{agent}", part.sender_name or self._name)
        return replace(part, text=f"{part.text.rstrip()}\n\n-- \n{signature}")

    def _reply_to(self, part: Outgoing) -> str | None:
        token = part.answer_token or part.reply_token
        if not token or not self._settings["plus_addresses"]:
            return None
        return tokens.reply_address(self._mac_key, token, self._address)

    @property
    def _domain(self) -> str:
        return self._address.rpartition("@")[2]

    def mint(self, token: str, nonce: str) -> str:
        return tokens.message_id(self._mac_key, token, nonce, self._domain)

    def parse(self, key: str, raw: bytes) -> Incoming:
        folder = key.rsplit(":", 2)[0]
        sent = folder == self._sent_folder
        place = Place(in_sent=sent, in_spam=folder == self._settings["spam_folder"])
        return Incoming(key=key, raw=raw, event=self._again.read(raw, place))

    async def probe(self) -> list[Finding]:
        looks = []
        if self._imap is not None:
            looks.append(probe_imap(self._imap, tuple(self._settings["imap"]["folders"])))
        if self._smtp is not None:
            looks.append(probe_smtp(self._smtp))
        # Side by side: a server that is silent costs its whole patience.
        return [finding for found in await asyncio.gather(*looks) for finding in found]

    async def close(self) -> None:
        self._kept.close()
        if self._seen is not None:
            self._seen.close()
        if self._copying is not None:
            await asyncio.wait({self._copying}, timeout=5)
            self._copying.cancel()
        for worker in (self._worker, self._again):
            await asyncio.to_thread(worker.close)

    # the copy in the folder of sent mail

    def _keep_copy(self, mail: bytes) -> None:
        """In the background: whether it works is nothing that the outcome depends on."""
        if self._imap is None or not self._settings["save_sent"]:
            return
        if time.monotonic() < self._no_copies_until:
            log.warning("no copy of a sent mail was kept: the sign-in was refused lately")
            return
        if self._smtp is not None and saves_by_itself(self._smtp.host):
            return
        self._copies.append(mail)
        if self._copying is None or self._copying.done():
            self._copying = asyncio.get_running_loop().create_task(self._append_copies())

    async def _append_copies(self) -> None:
        """All that wait, over one connection: providers allow an account only a few."""
        if self._imap is None:
            return
        try:
            async with asyncio.timeout(_COPY_SECONDS):
                session = await connect_imap(self._imap)
            try:
                async with asyncio.timeout(_COPY_SECONDS):
                    folder = self._sent_folder or await _marked_sent(session)
                while self._copies:
                    if folder:
                        async with asyncio.timeout(_COPY_SECONDS):
                            await session.append(folder, self._copies[0], datetime.now(UTC))
                    self._copies.popleft()
            finally:
                await session.close()
        except (ChannelError, TimeoutError) as error:
            why = error.reason.sentence() if isinstance(error, ChannelError) else "no answer"
            log.warning("no copy of %d sent mails was kept: %s", len(self._copies), why)
            if isinstance(error, AccountFailure):
                self._no_copies_until = time.monotonic() + _REFUSED_SECONDS
            self._copies.clear()


def _marked_folders(imap: Mapping[str, Any]) -> tuple[str, ...]:
    """Where mails lie that agents have read here."""
    moved = [imap["stored_move"]] if imap["stored_move"] else []
    return (*(imap["folders"] or ("INBOX",)), *moved)


def saves_by_itself(host: str) -> bool:
    """Whether this SMTP server puts what it is given into the folder of sent mail."""
    return f".{host}".lower().endswith(_SAVE_BY_THEMSELVES)


async def _marked_sent(session: Session) -> str | None:
    """The folder that the server marks as the one of sent mail (RFC 6154)."""
    for name, flags in await session.folders():
        if "\\sent" in flags and "\\noselect" not in flags and "\\nonexistent" not in flags:
            return name
    return None
