"""A person whose client encrypts: matrix-nio's, with keys of its own and none of ours."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from nio import (
    AsyncClient,
    AsyncClientConfig,
    JoinedMembersResponse,
    LoginResponse,
    SyncResponse,
    ToDeviceMessage,
)
from nio.crypto import decrypt_attachment, encrypt_attachment

from pfinbox.channels.matrix.encryption.identity import Signer
from tests.servers.matrix.person import Person

__all__ = ["Element", "Signer", "decrypt_attachment", "encrypt_attachment"]


class Element:
    """``clear``: what this device could read, as (event id, content)."""

    def __init__(self, person: Person, folder: Path) -> None:
        folder.mkdir()
        config = AsyncClientConfig(store_sync_tokens=True, encryption_enabled=True)
        self.client = AsyncClient(person.base, person.user, "", str(folder), config)
        self._password = person.password
        self.clear: dict[str, dict[str, Any]] = {}

    async def sign_in(self) -> None:
        assert isinstance(await self.client.login(self._password), LoginResponse)
        await self.look()

    async def look(self) -> None:
        """A sync, and whatever it asks for."""
        answer = await self.client.sync(timeout=0, full_state=True)
        assert isinstance(answer, SyncResponse), answer
        if self.client.should_upload_keys:
            await self.client.keys_upload()
        if self.client.should_query_keys:
            await self.client.keys_query()
        if self.client.should_claim_keys:
            await self.client.keys_claim(self.client.get_users_for_key_claiming())
        await self.client.send_to_device_messages()
        for info in answer.rooms.join.values():
            for event in info.timeline.events:
                if event.decrypted:
                    self.clear[event.event_id] = event.source["content"]

    async def sends(self, room: str, content: dict[str, Any]) -> str:
        members = await self.client.joined_members(room)
        assert isinstance(members, JoinedMembersResponse)
        sent = await self.client.room_send(
            room, "m.room.message", content, ignore_unverified_devices=True
        )
        return str(sent.event_id)

    async def says(self, room: str, text: str) -> str:
        return await self.sends(room, {"msgtype": "m.text", "body": text})

    def withholds(self, room: str) -> Callable[[str], Awaitable[None]]:
        """A new key for the room that nobody gets, until what is returned is awaited for a user."""
        olm = self.client.olm
        olm.create_outbound_group_session(room)
        session = olm.outbound_group_sessions[room]
        key = {
            "algorithm": "m.megolm.v1.aes-sha2",
            "room_id": room,
            "session_id": session.id,
            "session_key": session.session_key,
        }
        session.shared = True

        async def share(user: str) -> None:
            olm.users_for_key_query.add(user)
            await self.client.keys_query()
            await self.client.keys_claim(olm.get_missing_sessions([user]))
            (device,) = olm.device_store.active_user_devices(user)
            sealed = olm._olm_encrypt(
                olm.session_store.get(device.curve25519), device, "m.room_key", key
            )
            message = ToDeviceMessage("m.room.encrypted", user, device.id, sealed)
            await self.client.to_device(message)

        return share

    async def close(self) -> None:
        await self.client.close()
