"""The seller's chats and what was said in them, as Avito's API gives them, 100 at a time."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

from pfinbox.channels.avito.api import AvitoApi
from pfinbox.channels.http.connection import Broken
from pfinbox.channels.http.pictures import Redrawn

Json = dict[str, Any]
_PAGE = 100
# Avito takes no offset above 1,000.
_PAGES = 11
_KINDS = "u2i,u2u"
_MOST_KNOWN = 1000


class Chats:
    """Chats are remembered: who takes part in one, and about which advertisement, stays."""

    def __init__(self, api: AvitoApi) -> None:
        self._api = api
        self._known: dict[str, Json] = {}
        self.redrawn = Redrawn()
        self.unreached = 0

    async def changed(self, since: int) -> AsyncIterator[Json]:
        """The chats in which something happened since then (Unix seconds).

        ``unreached``: Avito gives no more of them; the last one changed then.
        """
        self.unreached = 0
        for page in range(_PAGES):
            told = await self._api.call(
                "GET", f"{self._api.of_user_v2}/chats", params=_page(page) | {"chat_types": _KINDS}
            )
            chats = [one for one in _list(told, "chats") if one.get("id")]
            news = [one for one in chats if moved_at(one) >= since]
            for chat in news:
                self._remember(chat)
                yield chat
            if len(chats) < _PAGE or not news:
                return
        self.unreached = moved_at(chats[-1])

    async def named(self, chat_key: str) -> Json:
        if chat_key not in self._known:
            path = f"{self._api.of_user_v2}/chats/{quote(chat_key, safe='')}"
            told = await self._api.call("GET", path)
            if not isinstance(told, dict) or not told.get("id"):
                raise Broken("no chat")
            self._remember(told)
        return self._known[chat_key]

    def _remember(self, chat: Json) -> None:
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        self._known[str(chat["id"])] = chat
        for user in _users(chat):
            person = str(user.get("id"))
            self.redrawn.note(person, avatar_of(chat, person))

    async def said(self, chat_key: str, since: int) -> list[Json]:
        """Messages since then, oldest first, and those before that came along with them."""
        path = f"{self._api.of_user_v3}/chats/{quote(chat_key, safe='')}/messages/"
        found: list[Json] = []
        for page in range(_PAGES):
            told = await self._api.call("GET", path, params=_page(page))
            messages = _list(told, "messages")
            found += messages
            if len(messages) < _PAGE or said_at(messages[-1]) < since:
                break
        # Avito gives the newest first; a second may have several.
        found.reverse()
        found.sort(key=said_at)
        return found

    async def voice(self, voice_id: str) -> str:
        """The address of a voice message, good for an hour; empty where there is none."""
        told = await self._api.call(
            "GET", f"{self._api.of_user}/getVoiceFiles", params={"voice_ids": voice_id}
        )
        urls = told.get("voices_urls") if isinstance(told, dict) else None
        return str(urls.get(voice_id) or "") if isinstance(urls, dict) else ""


def avatar_of(chat: Json, person: str) -> str | None:
    """The address of somebody's picture; None where Avito shows the same one of everybody."""
    for user in _users(chat):
        profile = user.get("public_user_profile")
        avatar = profile.get("avatar") if isinstance(profile, dict) else None
        if str(user.get("id")) == person and isinstance(avatar, dict):
            images = avatar.get("images")
            sizes = images if isinstance(images, dict) else {}
            url = sizes.get("256x256") or avatar.get("default")
            return url if isinstance(url, str) and "/stub_avatars/" not in url else None
    return None


def _users(chat: Json) -> list[Json]:
    given = chat.get("users")
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def moved_at(chat: Json) -> int:
    """When something happened last in a chat."""
    last = chat.get("last_message")
    said = last.get("created") if isinstance(last, dict) else None
    return max(_number(chat.get("updated")), _number(said))


def said_at(message: Json) -> int:
    return _number(message.get("created"))


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _page(number: int) -> dict[str, str]:
    return {"limit": str(_PAGE), "offset": str(min(number * _PAGE, 1000))}


def _list(told: Any, name: str) -> list[Json]:
    """A list, or an object that has it under a name: Avito's description and answers differ."""
    given = told.get(name) if isinstance(told, dict) else told
    if not isinstance(given, list):
        raise Broken(f"no {name}")
    return [one for one in given if isinstance(one, dict)]
