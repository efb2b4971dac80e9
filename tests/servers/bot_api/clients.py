"""The clients of a bot under test: what they say and do becomes updates."""

from typing import TYPE_CHECKING, Any

from tests.servers.bot_api.shapes import (
    Json,
    bot_user,
    document,
    entities_of,
    group_chat,
    member,
    message,
    photo_sizes,
    private_chat,
    user,
)

if TYPE_CHECKING:
    from tests.servers.bot_api import BotApi

MARIA = user(42, "Мария", "Иванова", "maria")
OWNER = user(77, "Анна", "Владелец")
CONNECTION = "bizconn1"


class Clients:
    """Every method queues one update and returns it; ``who`` is a user or its number."""

    def __init__(self, api: "BotApi") -> None:
        self._api = api
        self.says(MARIA, "", queue=False)

    def says(
        self, who: Json | int = MARIA, text: str = "", *, queue: bool = True, **more: Any
    ) -> Json:
        """A text; ``more`` are further fields of the message."""
        content: Json = {"text": text, **more}
        if "entities" not in content and (entities := entities_of(text)):
            content["entities"] = entities
        return self._message(who, queue=queue, **content)

    def starts(self, who: Json | int = MARIA, payload: str = "") -> Json:
        """The chat is opened by a (deep) link."""
        return self.says(who, f"/start {payload}".strip())

    def sends_photo(
        self, content: bytes, caption: str = "", who: Json | int = MARIA, **more: Any
    ) -> Json:
        ident = self._api.keep(content, "jpg")
        return self._message(
            who, photo=photo_sizes(ident, len(content)), **_captioned(caption), **more
        )

    def sends_document(
        self,
        content: bytes,
        name: str,
        media_type: str = "application/octet-stream",
        caption: str = "",
        who: Json | int = MARIA,
        **more: Any,
    ) -> Json:
        shape = document(self._api.keep(content), name, media_type, len(content))
        return self._message(who, document=shape, **_captioned(caption), **more)

    def sends_album(
        self, *photos: bytes, caption: str = "", group: str = "900", who: Json | int = MARIA
    ) -> list[Json]:
        """Several photos at once; the caption stands with the first."""
        return [
            self.sends_photo(content, caption if not at else "", who, media_group_id=group)
            for at, content in enumerate(photos)
        ]

    def edits(self, said: Json, text: str) -> Json:
        """An earlier message (an update that a method here returned) gets another text."""
        kind = next(name for name in said if name != "update_id")
        field = "text" if "text" in said[kind] else "caption"
        changed = {**said[kind], field: text, "edit_date": int(self._api.clock())}
        return self._api.push(**{f"edited_{kind}": changed})

    def says_in_group(self, text: str, who: Json = MARIA, chat: int = -1001, **more: Any) -> Json:
        place = group_chat(chat, "Клиенты")
        self._api.chats[chat] = place
        ident, now = self._api.message_id(chat), int(self._api.clock())
        return self._api.push(message=message(ident, place, who, now, text=text, **more))

    def business(self, text: str, who: Json = MARIA, client: Json = MARIA, **more: Any) -> Json:
        """A message in a chat of the business account, by the client or (OWNER) by our side."""
        chat = private_chat(client)
        ident, now = self._api.message_id(client["id"]), int(self._api.clock())
        shape = message(ident, chat, who, now, text=text, **more)
        return self._api.push(business_message={"business_connection_id": CONNECTION, **shape})

    def deletes_business(self, *messages: int, client: Json = MARIA) -> Json:
        return self._api.push(
            deleted_business_messages={
                "business_connection_id": CONNECTION,
                "chat": private_chat(client),
                "message_ids": list(messages),
            }
        )

    def connects_business(self) -> Json:
        return self._api.push(
            business_connection={
                "id": CONNECTION,
                "user": OWNER,
                "user_chat_id": OWNER["id"],
                "date": int(self._api.clock()),
                "is_enabled": True,
            }
        )

    def reacts(self, message: Json, *emoji: str, who: Json = MARIA) -> Json:
        """Signs at a message, the bot's or the client's own; ``message`` is the message itself."""
        return self._api.push(
            message_reaction={
                "chat": message["chat"],
                "message_id": message["message_id"],
                "user": who,
                "date": int(self._api.clock()),
                "old_reaction": [],
                "new_reaction": [{"type": "emoji", "emoji": one} for one in emoji],
            }
        )

    def blocks(self, who: Json = MARIA) -> Json:
        self._api.blocked.add(who["id"])
        return self._member(who, "member", "kicked")

    def unblocks(self, who: Json = MARIA) -> Json:
        self._api.blocked.discard(who["id"])
        return self._member(who, "kicked", "member")

    def _member(self, who: Json, old: str, new: str) -> Json:
        bot = bot_user(self._api.username)
        return self._api.push(
            my_chat_member={
                "chat": private_chat(who),
                "from": who,
                "date": int(self._api.clock()),
                "old_chat_member": member(bot, old),
                "new_chat_member": member(bot, new),
            }
        )

    def _message(self, who: Json | int, *, queue: bool = True, **content: Any) -> Json:
        person = user(who, f"Client {who}") if isinstance(who, int) else who
        chat = self._api.chats[person["id"]] = private_chat(person)
        if not queue:
            return {}
        ident, now = self._api.message_id(chat["id"]), int(self._api.clock())
        return self._api.push(message=message(ident, chat, person, now, **content))


def _captioned(caption: str) -> Json:
    return {"caption": caption} if caption else {}
