"""A person with a Matrix client, at whatever homeserver: plain requests, nothing of ours."""

import itertools
import json
from typing import Any
from urllib.parse import quote

import aiohttp

Json = dict[str, Any]
_CLIENT = "/_matrix/client/v3"
_TXN = itertools.count(1)


class Person:
    """Signed in at ``base``; keeps nothing but the token."""

    def __init__(self, base: str, user: str, password: str, token: str = "") -> None:
        self.base = base
        self.user = user
        self.password = password
        self.token = token
        self._session: aiohttp.ClientSession | None = None
        self._name = ""

    async def call(self, method: str, path: str, body: Any = None, **query: str) -> Json:
        """The answer; whatever is no success fails the test."""
        path = path if path.startswith("/_matrix") else _CLIENT + path
        content = (await self.ask(method, path, json=body, params=query))[1]
        told: Json = json.loads(content)
        return told

    async def ask(self, method: str, path: str, **given: Any) -> tuple[str, bytes]:
        self._session = self._session or aiohttp.ClientSession()
        head = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        async with self._session.request(method, self.base + path, headers=head, **given) as answer:
            content = await answer.read()
            assert answer.status == 200, (method, path, answer.status, content[:500])
            return answer.content_type, content

    async def sign_in(self, **more: Any) -> Json:
        who = {"type": "m.id.user", "user": self.user}
        body = {"type": "m.login.password", "identifier": who, "password": self.password, **more}
        told = await self.call("POST", "/login", body)
        self.token = str(told["access_token"])
        return told

    async def called(self, name: str) -> None:
        """From now on this is the name that others see."""
        if name != self._name:
            path = f"/profile/{quote(self.user)}/displayname"
            await self.call("PUT", path, {"displayname": name})
            self._name = name

    async def looks(self, content: bytes, media_type: str = "image/png") -> None:
        """From now on this is the picture that others see."""
        path = f"/profile/{quote(self.user)}/avatar_url"
        await self.call("PUT", path, {"avatar_url": await self.uploads(content, media_type)})

    async def invites(self, *users: str, **more: Any) -> str:
        """A new room for them."""
        body = {"preset": "private_chat", "is_direct": True, "invite": list(users), **more}
        return str((await self.call("POST", "/createRoom", body))["room_id"])

    async def joins(self, room: str) -> None:
        await self.call("POST", f"/rooms/{quote(room)}/join", {})

    async def leaves(self, room: str) -> None:
        await self.call("POST", f"/rooms/{quote(room)}/leave", {})

    async def sends(self, room: str, kind: str, content: Json) -> str:
        path = f"/rooms/{quote(room)}/send/{kind}/{next(_TXN)}"
        return str((await self.call("PUT", path, content))["event_id"])

    async def says(self, room: str, text: str, **more: Any) -> str:
        content = {"msgtype": "m.text", "body": text, **more}
        return await self.sends(room, "m.room.message", content)

    async def makes(self, room: str, kind: str, content: Json) -> None:
        """The state of a room."""
        await self.call("PUT", f"/rooms/{quote(room)}/state/{kind}", content)

    async def edits(self, room: str, event_id: str, text: str) -> str:
        return await self.says(
            room,
            f"* {text}",
            **{
                "m.new_content": {"msgtype": "m.text", "body": text},
                "m.relates_to": {"rel_type": "m.replace", "event_id": event_id},
            },
        )

    async def reacts(self, room: str, event_id: str, sign: str) -> str:
        about = {"rel_type": "m.annotation", "event_id": event_id, "key": sign}
        return await self.sends(room, "m.reaction", {"m.relates_to": about})

    async def redacts(self, room: str, event_id: str) -> None:
        path = f"/rooms/{quote(room)}/redact/{quote(event_id)}/{next(_TXN)}"
        await self.call("PUT", path, {})

    async def reads(self, room: str, event_id: str) -> None:
        await self.call("POST", f"/rooms/{quote(room)}/receipt/m.read/{quote(event_id)}", {})

    async def uploads(self, content: bytes, media_type: str) -> str:
        _type, told = await self.ask(
            "POST",
            "/_matrix/media/v3/upload",
            data=aiohttp.BytesPayload(content, content_type=media_type),
        )
        return str(json.loads(told)["content_uri"])

    async def downloads(self, mxc: str) -> bytes:
        path = f"/_matrix/client/v1/media/download/{mxc.removeprefix('mxc://')}"
        return (await self.ask("GET", path))[1]

    async def events(self, room: str) -> list[Json]:
        """All that is in the room, oldest first."""
        path = f"/rooms/{quote(room)}/messages"
        told = await self.call("GET", path, dir="b", limit="500")
        return [one for one in reversed(told["chunk"]) if one.get("content")]

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
