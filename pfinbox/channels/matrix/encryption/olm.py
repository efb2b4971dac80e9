"""Encryption by matrix-nio's Olm machine, whose keys lie in a file of the account's own.

https://spec.matrix.org/v1.16/client-server-api/#end-to-end-encryption. The file is not part of
backups: a ratchet that is wound back is no secret any more. Where the file is lost, the account
is a new device.
"""

import asyncio
import logging
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nio.crypto import Olm, decrypt_attachment, encrypt_attachment
from nio.events import Event, MegolmEvent, ToDeviceEvent
from nio.exceptions import EncryptionError
from nio.responses import KeysClaimResponse, KeysQueryResponse, KeysUploadResponse, ToDeviceResponse
from nio.store import SqliteStore

from pfinbox.channels.http.api import Refused
from pfinbox.channels.matrix.api import MatrixApi
from pfinbox.channels.matrix.encryption.cipher import KEYS
from pfinbox.channels.matrix.encryption.identity import vouch
from pfinbox.channels.matrix.reading.content import Json, mapping
from pfinbox.channels.matrix.reading.event import ENCRYPTED, WRITTEN

log = logging.getLogger(__name__)

_SIGNED = "signed_curve25519"
# What strangers' devices can send that is not as described.
_UNDESCRIBED = (EncryptionError, LookupError, ValueError, TypeError, AssertionError)


def open_keys(api: MatrixApi, device_id: str, folder: Path, secret: str) -> "Keys":
    """The keys of a device; ``secret`` encrypts them in their file."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # It is for this user alone before anything is written to it.
    os.close(os.open(folder / KEYS, os.O_RDWR | os.O_CREAT, 0o600))
    store = SqliteStore(api.user, device_id, str(folder), secret, KEYS)
    return Keys(api, Olm(api.user, device_id, store), secret)


class Keys:
    """See ``cipher.Cipher``."""

    def __init__(self, api: MatrixApi, machine: Any, secret: str) -> None:
        self._api = api
        self._machine = machine
        self._secret = secret
        self._one = asyncio.Lock()
        self.vouched: bool | None = None

    async def take(self, answer: Json) -> None:
        async with self._one:
            counts = mapping(answer.get("device_one_time_keys_count"))
            self._machine.uploaded_key_count = int(counts.get(_SIGNED, 0))
            changed = set(mapping(answer.get("device_lists")).get("changed") or ())
            self._machine.add_changed_users(changed & self._machine.tracked_users)
            for event in mapping(answer.get("to_device")).get("events") or ():
                try:
                    self._machine.handle_to_device_event(ToDeviceEvent.parse_event(event))
                except _UNDESCRIBED as error:
                    log.warning("a device's message is not understood: %s", error)
            self._machine.collect_key_requests()
            await self._settle()
            if self.vouched is None:
                await self._vouch()

    async def _vouch(self) -> None:
        try:
            self.vouched = await vouch(self._api, self._machine.device_id, self._secret)
        except Refused as refused:
            # A homeserver without identities, or one that wants a person to confirm it.
            log.warning("our device stands alone: %s", refused)
            self.vouched = False

    async def _settle(self) -> None:
        """Keys that are to be told, asked for, or sent to single devices."""
        machine = self._machine
        if machine.should_upload_keys:
            told = await self._api.call("POST", "/keys/upload", json=machine.share_keys())
            count = int(told["one_time_key_counts"].get(_SIGNED, 0))
            machine.handle_response(KeysUploadResponse(0, count))
        await self._query()
        if machine.wedged_devices or machine.key_request_devices_no_session:
            await self._claim(machine.get_users_for_key_claiming())
        for message in list(machine.outgoing_to_device_messages):
            await self._send(message.type, message.as_dict()["messages"])
            machine.handle_response(ToDeviceResponse(message))

    async def _query(self) -> None:
        """The devices of those whose devices have changed."""
        machine = self._machine
        if not machine.should_query_keys:
            return
        users = sorted(machine.users_for_key_query)
        asked: dict[str, list[str]] = {user: [] for user in users}
        told = await self._api.call("POST", "/keys/query", json={"device_keys": asked})
        response = KeysQueryResponse(told["device_keys"], told.get("failures", {}))
        machine.handle_response(response)
        # Of a homeserver that cannot be reached nothing is told; the next message asks again.
        machine.users_for_key_query.difference_update(users)
        if response.changed:
            machine.outbound_group_sessions.clear()

    async def _claim(self, devices: dict[str, list[str]]) -> None:
        keys = {user: dict.fromkeys(some, _SIGNED) for user, some in devices.items()}
        told = await self._api.call("POST", "/keys/claim", json={"one_time_keys": keys})
        given = {
            user: {d: k for d, k in some.items() if k}
            for user, some in told["one_time_keys"].items()
        }
        self._machine.handle_response(KeysClaimResponse(given, told.get("failures", {})))

    async def _send(self, kind: str, messages: Json) -> None:
        path = f"/sendToDevice/{kind}/{secrets.token_hex(16)}"
        await self._api.call("PUT", path, json={"messages": messages})

    def decrypt(self, room: str, event: Json) -> Json | None:
        try:
            sealed = Event.parse_encrypted_event(self._named(room, event))
            if not isinstance(sealed, MegolmEvent):
                return None
            clear = self._machine.decrypt_megolm_event(sealed, room).source
        except _UNDESCRIBED as error:
            log.info("a message cannot be decrypted: %s", error)
            return None
        # The homeserver asks who may redact a message, or change the room; in here nobody has.
        kind = clear["type"] if clear["type"] in WRITTEN else f"{ENCRYPTED} {clear['type']}"
        return {**event, "type": kind, "content": clear["content"]}

    def _named(self, room: str, event: Json) -> Json:
        """Newer clients leave out whose key it is: the session's id alone finds it."""
        given = mapping(event.get("content"))
        if given.get("sender_key"):
            return event
        known = self._machine.inbound_group_store[room] or {}
        for sender_key, sessions in known.items():
            if given.get("session_id") in sessions:
                return {**event, "content": {**given, "sender_key": sender_key}}
        return event

    async def encrypt(
        self, room: str, users: Sequence[str], kind: str, content: dict[str, Any]
    ) -> dict[str, Any]:
        async with self._one:
            machine = self._machine
            machine.users_for_key_query.update(set(users) - machine.tracked_users)
            await self._query()
            if machine.should_share_group_session(room):
                await self._share(room, list(users))
            # What it relates to is for the homeserver, too.
            about = content.get("m.relates_to")
            inner = {name: value for name, value in content.items() if name != "m.relates_to"}
            sealed: dict[str, Any] = machine.group_encrypt(room, {"type": kind, "content": inner})
            return {**sealed, "m.relates_to": about} if about else sealed

    async def _share(self, room: str, users: list[str]) -> None:
        """A new key of the room's, for every device of everybody who is in it."""
        machine = self._machine
        machine.create_outbound_group_session(room)
        missing = machine.get_missing_sessions(users)
        if missing:
            await self._claim(missing)
        session = machine.outbound_group_sessions[room]
        while True:
            reached, told = machine.share_group_session(
                room, users, ignore_missing_sessions=True, ignore_unverified_devices=True
            )
            if not reached:
                break
            await self._send("m.room.encrypted", told["messages"])
            session.users_shared_with.update(reached)
        session.shared = True

    def forget(self, room: str) -> None:
        self._machine.outbound_group_sessions.pop(room, None)

    def hide(self, content: bytes) -> tuple[bytes, dict[str, Any]]:
        hidden, opens = encrypt_attachment(content)
        return hidden, opens

    def open(self, content: bytes, secret: Json) -> bytes:
        try:
            opened: bytes = decrypt_attachment(
                content, secret["key"]["k"], secret["hashes"]["sha256"], secret["iv"]
            )
        except EncryptionError as error:
            raise ValueError(str(error)) from error
        return opened

    def close(self) -> None:
        self._machine.store.database.close()
