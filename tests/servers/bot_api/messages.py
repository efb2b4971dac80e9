"""What a bot can do with messages and files: one half of the loopback Bot API server."""

import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from tests.servers.bot_api.shapes import (
    Json,
    bot_user,
    document,
    failed,
    message,
    ok,
    photo_sizes,
)
from tests.servers.bot_api.wire import Call


class Messages:
    """``sent`` lists what the bot has delivered, oldest first; ``chats`` whom it may write to."""

    def __init__(self, username: str) -> None:
        self.username = username
        self.sent: list[Json] = []
        self.files: dict[str, bytes] = {}
        # The file_id of the client's newest picture, "" for none.
        self.photo = ""
        self.blocked: set[int] = set()
        self.chats: dict[int, Json] = {}
        self.clock = time.time
        self._next_message: dict[int, int] = defaultdict(lambda: 1)

    def ring(self) -> None:
        """Wake whoever waits for something to happen here."""

    def message_id(self, chat: int) -> int:
        ident = self._next_message[chat]
        self._next_message[chat] += 1
        return ident

    def keep(self, content: bytes, ending: str = "bin") -> str:
        """Store a file; returns its file_id, which getFile turns into a path."""
        ident = f"file{len(self.files)}.{ending}"
        self.files[ident] = content
        return ident

    async def _do_getfile(self, call: Call) -> Json:
        ident = call.fields["file_id"]
        content = self.files.get(ident)
        if content is None:
            return failed(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        shape = {"file_id": ident, "file_unique_id": f"u-{ident}", "file_size": len(content)}
        return ok({**shape, "file_path": f"files/{ident}"})

    async def _do_getuserprofilephotos(self, call: Call) -> Json:
        sizes = photo_sizes(self.photo, len(self.files[self.photo])) if self.photo else None
        return ok({"total_count": 1 if sizes else 0, "photos": [sizes] if sizes else []})

    async def _do_sendmessage(self, call: Call) -> Json:
        text = call.fields.get("text", "")
        if not text.strip():
            return failed(400, "Bad Request: message text is empty")
        if _units(text) > 4096:
            return failed(400, "Bad Request: message is too long")
        content: Json = {"text": text}
        if "entities" in call.fields:
            content["entities"] = call.json("entities")
        return self._deliver(call, **content)

    async def _do_sendphoto(self, call: Call) -> Json:
        _, content = _upload(call, "photo")
        sizes = photo_sizes(self.keep(content, "jpg"), len(content))
        return self._deliver(call, photo=sizes, **_caption(call))

    async def _do_senddocument(self, call: Call) -> Json:
        name, content = _upload(call, "document")
        ident = self.keep(content)
        shape = document(ident, name, "application/octet-stream", len(content))
        return self._deliver(call, document=shape, **_caption(call))

    async def _do_sendmediagroup(self, call: Call) -> Json:
        delivered = []
        for item in call.json("media"):
            key = item["media"].removeprefix("attach://")
            name, content = call.files[key]
            ident = self.keep(content)
            shape: Json = {"media_group_id": "1", "caption": item.get("caption", "")}
            if item["type"] == "photo":
                shape["photo"] = photo_sizes(ident, len(content))
            else:
                media_type = "application/octet-stream"
                shape["document"] = document(ident, name, media_type, len(content))
            answer = self._deliver(call, **shape)
            if not answer["ok"]:
                return answer
            delivered.append(answer["result"])
        return ok(delivered)

    async def _do_sendchataction(self, call: Call) -> Json:
        return self._refusal(int(call.fields["chat_id"])) or ok(True)

    async def _do_readbusinessmessage(self, call: Call) -> Json:
        return self._refusal(int(call.fields["chat_id"])) or ok(True)

    async def _do_setmycommands(self, call: Call) -> Json:
        return ok(True)

    async def _do_editmessagetext(self, call: Call) -> Json:
        return self._change(call, text=call.fields.get("text", ""))

    async def _do_editmessagecaption(self, call: Call) -> Json:
        return self._change(call, caption=call.fields.get("caption", ""))

    async def _do_deletemessage(self, call: Call) -> Json:
        found = self._find(call)
        if found is None:
            return failed(400, "Bad Request: message to delete not found")
        self.sent.remove(found)
        return ok(True)

    async def _do_deletemessages(self, call: Call) -> Json:
        """Those that are not found are skipped; older than 48 hours none can be deleted."""
        chat = int(call.fields["chat_id"])
        return self._delete(call, lambda m: bool(m["chat"]["id"] == chat))

    async def _do_deletebusinessmessages(self, call: Call) -> Json:
        connection = call.fields["business_connection_id"]
        return self._delete(call, lambda m: m.get("business_connection_id") == connection)

    def _delete(self, call: Call, where: Callable[[Json], bool]) -> Json:
        ids = call.json("message_ids")
        found = [m for m in self.sent if where(m) and m["message_id"] in ids]
        if any(self.clock() - m["date"] > 48 * 3600 for m in found):
            return failed(400, "Bad Request: message can't be deleted for everyone")
        self.sent = [m for m in self.sent if m not in found]
        self.ring()
        return ok(True)

    # -- what the methods share

    def _refusal(self, chat: int) -> Json | None:
        if chat in self.blocked:
            return failed(403, "Forbidden: bot was blocked by the user")
        if chat not in self.chats:
            return failed(400, "Bad Request: chat not found")
        return None

    def _deliver(self, call: Call, **content: Any) -> Json:
        chat = int(call.fields["chat_id"])
        if (refusal := self._refusal(chat)) is not None:
            return refusal
        shape = message(
            self.message_id(chat),
            self.chats[chat],
            bot_user(self.username),
            int(self.clock()),
            **{name: value for name, value in content.items() if value},
        )
        if connection := call.fields.get("business_connection_id"):
            shape["business_connection_id"] = connection
        if "reply_parameters" in call.fields:
            answered = call.json("reply_parameters")["message_id"]
            shape["reply_to_message"] = {
                "message_id": answered,
                "date": int(self.clock()),
                "chat": self.chats[chat],
            }
        self.sent.append(shape)
        self.ring()
        return ok(shape)

    def _find(self, call: Call) -> Json | None:
        wanted = (int(call.fields["chat_id"]), int(call.fields["message_id"]))
        return next((m for m in self.sent if (m["chat"]["id"], m["message_id"]) == wanted), None)

    def _change(self, call: Call, **content: str) -> Json:
        found = self._find(call)
        if found is None:
            return failed(400, "Bad Request: message to edit not found")
        if content.get("text") is not None and "text" not in found:
            return failed(400, "Bad Request: there is no text in the message to edit")
        if all(found.get(name, "") == text for name, text in content.items()):
            text = "message is not modified: specified new message content is exactly the same"
            return failed(400, f"Bad Request: {text}")
        found.update(content, edit_date=int(self.clock()))
        self.ring()
        return ok(found)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _caption(call: Call) -> Json:
    shape: Json = {"caption": call.fields.get("caption", "")}
    if "caption_entities" in call.fields:
        shape["caption_entities"] = call.json("caption_entities")
    return shape


def _upload(call: Call, name: str) -> tuple[str, bytes]:
    """The file sent as ``attach://`` name, or in the field itself."""
    return call.files[call.fields.get(name, name).removeprefix("attach://")]
