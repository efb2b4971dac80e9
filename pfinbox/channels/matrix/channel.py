"""One user of a homeserver: receiving, sending and probing put together."""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from pfinbox.channels.http.files import without
from pfinbox.channels.http.lost import read_lost
from pfinbox.channels.matrix.api import MatrixApi, room_path
from pfinbox.channels.matrix.device import Keeper
from pfinbox.channels.matrix.encryption.cipher import EXTRA, KEYS, Cipher, has_keys
from pfinbox.channels.matrix.media import Media, largest
from pfinbox.channels.matrix.noticed import missing, report, right
from pfinbox.channels.matrix.pictures import Pictures
from pfinbox.channels.matrix.reading.content import mapping
from pfinbox.channels.matrix.reading.event import Told, Us, read
from pfinbox.channels.matrix.reading.telling import Teller
from pfinbox.channels.matrix.rights import Right, Rights
from pfinbox.channels.matrix.rooms import Rooms
from pfinbox.channels.matrix.send import Sender
from pfinbox.channels.matrix.sync import Syncer
from pfinbox.channels.matrix.synced import Position, Seen, Synced
from pfinbox.domain.contract.amending import Amendment
from pfinbox.domain.contract.batch import Batch, Profile
from pfinbox.domain.contract.channel import (
    AccountContext,
    AccountFailure,
    ChannelError,
    Finding,
    Transmitting,
)
from pfinbox.domain.contract.incoming import Edit, Incoming, Message, Unreadable
from pfinbox.domain.contract.outgoing import Outgoing, Sent
from pfinbox.domain.contract.reason import Reason

_FILE_LIMIT = 200 << 20
_MEGABYTE = 1 << 20
_BATCH = 50
_BATCH_BYTES = 32 << 20
_MOST_UNREAD = 100
# The typist says it again every few seconds.
_TYPING_MS = 10_000


def _utc_now() -> datetime:
    return datetime.now(UTC)


class MatrixChannel:
    """A ``domain.contract.channel.Channel`` whose clock is given from outside."""

    def __init__(
        self,
        context: AccountContext,
        *,
        now: Callable[[], datetime] = _utc_now,
        wait: float = 25,
        at_once: int = 50,
    ) -> None:
        settings = context.settings
        self._folder: Path | None = context.folder
        self._encryption: bool = settings["encryption"]
        keys = KEYS if self._encryption and has_keys() else None
        self._max_file: int = settings["max_file"] * _MEGABYTE
        self._api = MatrixApi(settings, Keeper(context.folder, keys))
        self._us = Us(self._api.user, context.mac_key)
        self._now = now
        self._rooms = Rooms(self._api)
        self._rights = Rights(self._rooms, self._us.user)
        self._sender = Sender(self._api, self._rooms, context.mac_key)
        self._syncer = Syncer(
            self._api,
            accept=settings["accept"],
            hourly=settings["invitations"],
            wait=wait,
            at_once=at_once,
        )
        self._media = Media(self._api, _FILE_LIMIT, None)
        self._pictures = Pictures(self._api)
        self._teller = Teller(self._rooms, self._us, context.stored_keys)
        self._cipher: Cipher | None = None
        self._opening = asyncio.Lock()

    async def receive(self, cursor: str | None) -> AsyncIterator[Batch]:
        """The last batch of each sync has a cursor: the homeserver's position, and what waits."""
        with self._api.channel_errors():
            await self._ready()
            profile: Profile | None = Profile(self._us.user)
            known = Position.load(cursor)
            # Encrypted events, as room and id, whose keys may still come.
            unread = list(known.unread) if known is not None else []
            async with aclosing(self._syncer.syncs(cursor)) as syncs:  # type: ignore[type-var]
                async for synced in syncs:
                    async for batch in self._batches(synced, unread):
                        yield replace(batch, profile=profile, progress=self._progress())
                        profile = None

    async def _ready(self) -> None:
        """The device signs in, and its keys are opened, once."""
        async with self._opening:
            device = await self._api.device()
            if device.user != self._us.user:
                # Our own words would be taken for a client's.
                raise AccountFailure(Reason("another_user", {"user": device.user}))
            if self._cipher is None and self._encryption and self._folder and device.id:
                self._cipher = await self._open_keys(device.id, self._folder)
                self._sender.cipher = self._teller.cipher = self._cipher
                self._media.opened = self._cipher.open if self._cipher else None

    async def _open_keys(self, device_id: str, folder: Path) -> Cipher | None:
        if not has_keys():
            return None
        # Half a second of importing.
        olm = await asyncio.to_thread(import_module, "pfinbox.channels.matrix.encryption.olm")
        secret = hmac.new(self._us.key, b"matrix keys", "sha256").hexdigest()
        keys: Cipher = olm.open_keys(self._api, device_id, folder, secret)
        return keys

    async def _batches(self, synced: Synced, unread: list[tuple[str, str]]) -> AsyncIterator[Batch]:
        """What came: after a downtime, and with files, it may be much."""
        items: list[Incoming] = []
        size = 0
        async for told, key in self._told(synced, unread):
            item = await self._incoming(told, key)
            items.append(item)
            size += sum(len(one.content) for one in getattr(item.event, "files", ()))
            if len(items) >= _BATCH or size > _BATCH_BYTES:
                yield Batch(items=tuple(items))
                items, size = [], 0
        items += [missing(one, self._now()) for one in synced.gaps]
        items += [right(one, self._now()) for one in await self._rights.news()]
        items += [report(one, self._now()) for one in await self._seen(synced)]
        del unread[:-_MOST_UNREAD]
        position = replace(synced.position, unread=tuple(unread))
        idle = not items and not synced.more
        yield Batch(items=tuple(items), cursor=position.dump(), idle=idle)

    async def _told(
        self, synced: Synced, unread: list[tuple[str, str]]
    ) -> AsyncIterator[tuple[Told, str]]:
        """Each event with its receipt's key."""
        if self._cipher is not None:
            await self._cipher.take(synced.answer)
        for room, event in synced.about:
            self._rooms.note(room, event)
            self._rights.note(room, event)
            self._pictures.note(event)
        # Keys come from device to device.
        if mapping(synced.answer.get("to_device")).get("events"):
            for told in await self._teller.opened(unread):
                name = str(told.event["event_id"])
                unread.remove((told.room, name))
                yield told, f"{name} decrypted"
        for room, event in synced.events:
            self._rights.note(room, event)
            self._pictures.note(event)
            news = await self._teller.tell(room, event)
            if news is None:
                continue
            if news.unread is not None and self._cipher is not None:
                unread.append((room, str(event["event_id"])))
            yield news, self._teller.key(news)

    async def _seen(self, synced: Synced) -> list[Seen]:
        """Each receipt with the time of the event that was read: a client who reads several
        messages at once marks the last one alone.
        """
        known = {str(event.get("event_id")): event for _room, event in synced.events}
        found: list[Seen] = []
        for one in synced.seen:
            event = known.get(one.event_id) or await self._rooms.event(one.room, one.event_id)
            at = mapping(event).get("origin_server_ts")
            found.append(replace(one, until=at) if isinstance(at, int) and at > 0 else one)
        return found

    def _progress(self) -> Reason | None:
        alone = self._cipher is not None and self._cipher.vouched is False
        return Reason("device_alone", {"user": self._us.user}) if alone else None

    async def _incoming(self, told: Told, key: str) -> Incoming:
        got = read(told, self._us, self._now())
        event = got.event
        if got.wanted and isinstance(event, Message | Edit):
            event = await self._media.into(event, got.wanted)
        return Incoming(key=key, raw=told.raw(), event=event)

    async def send(self, part: Outgoing, transmitting: Transmitting) -> Sent:
        with self._api.channel_errors():
            await self._ready()
        return await self._sender.send(part, transmitting)

    async def amend(self, change: Amendment) -> None:
        with self._api.channel_errors():
            await self._ready()
        await self._sender.amend(change)

    async def show_writing(self, chat_key: str) -> None:
        with self._api.channel_errors():
            path = room_path(chat_key, "typing", self._us.user)
            await self._api.call("PUT", path, json={"typing": True, "timeout": _TYPING_MS})

    async def mark_read(self, chat_key: str, source_id: str) -> None:
        """https://spec.matrix.org/latest/client-server-api/#receipts"""
        path = room_path(chat_key, "receipt", "m.read", source_id)
        with self._api.channel_errors():
            await self._api.call("POST", path, json={})

    async def picture(self, chat_key: str, person: str) -> bytes | None:
        with self._api.channel_errors():
            return await self._pictures.of(person)

    def redrawn(self) -> Collection[str]:
        return self._pictures.redrawn.news()

    def mint(self, token: str, nonce: str) -> str | None:
        return None  # the homeserver gives the id

    def parse(self, key: str, raw: bytes) -> Incoming:
        """Read stored bytes again; files stay where they are and become warnings."""
        if (gap := read_lost(key, raw)) is not None:
            return gap
        try:
            kept = json.loads(raw)
            if "seen" in kept:
                return report(Seen(**kept["seen"]), self._now())
            if "right" in kept:
                return right(Right(**kept["right"]), self._now())
            told = Told.of(raw)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            reason = Reason("unreadable", {"detail": type(error).__name__})
            event = Unreadable(reason=reason, sent_at=self._now())
            return Incoming(key=key, raw=raw, event=event)
        got = read(told, self._us, self._now())
        said = got.event
        if got.wanted and isinstance(said, Message | Edit):
            said = without(said, got.wanted)
        return Incoming(key=key, raw=raw, event=said)

    async def probe(self) -> list[Finding]:
        """Can we sign in, how large may files be, and can encrypted rooms be read?"""
        try:
            with self._api.channel_errors():
                device = await self._api.device()
                limit = await largest(self._api)
        except ChannelError as problem:
            # Whoever only tries the account must not renew the daemon's token.
            fine = problem.reason.kind == "token_ran_out"
            return [Finding(fine, self._api.host, problem.reason)]
        findings = [Finding(True, device.user)]
        if device.user != self._us.user:
            reason = Reason("another_user", {"user": device.user})
            findings = [Finding(False, self._us.user, reason)]
        if limit is not None and limit < self._max_file:
            told = {"limit": limit // _MEGABYTE}
            findings.append(Finding(False, "max_file", Reason("server_takes_less", told)))
        if self._encryption:
            missing = None if has_keys() else Reason("encryption_missing", {"extra": EXTRA})
            findings.append(Finding(missing is None, "encryption", missing))
        return findings

    async def close(self) -> None:
        await self._api.sign_out()
        if self._cipher is not None:
            self._cipher.close()
        await self._api.close()
        await self._media.close()
        await self._pictures.close()
