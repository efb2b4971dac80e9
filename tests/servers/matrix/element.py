"""A person whose client encrypts: matrix-nio's, with keys of its own and none of ours."""

from pathlib import Path
from typing import Any

from nio import AsyncClient, AsyncClientConfig, JoinedMembersResponse, LoginResponse, SyncResponse

from tests.servers.matrix.person import Person


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

    async def close(self) -> None:
        await self.client.close()
