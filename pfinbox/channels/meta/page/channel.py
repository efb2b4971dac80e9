"""One page of Messenger, or the Instagram account that belongs to one."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime

from pfinbox.channels.http.api import Refused
from pfinbox.channels.http.connection import Broken, NotConnected
from pfinbox.channels.http.pictures import Pictures
from pfinbox.channels.meta.channel import MetaChannel, apps, utc_now
from pfinbox.channels.meta.page import reading
from pfinbox.channels.meta.page.send import Sender
from pfinbox.channels.meta.pieces import Json, Read, inner
from pfinbox.domain.contract.batch import Profile
from pfinbox.domain.contract.channel import AccountContext, Transmitting
from pfinbox.domain.contract.incoming import Incoming, Message, Sort
from pfinbox.domain.contract.outgoing import Outgoing, Sent

_MOST_NAMES = 5000


class Page(MetaChannel):
    """See ``MetaChannel``. ``platform``: "instagram", or "" for Messenger."""

    def __init__(
        self, context: AccountContext, platform: str, *, now: Callable[[], datetime] = utc_now
    ) -> None:
        super().__init__(context, now=now)
        self._platform = platform
        self._page = str(context.settings["page_id"])
        # Requests name the page, or the professional account, which is known once it was asked for.
        self._own = frozenset() if platform else frozenset({self._page})
        self._sender = Sender(
            self._api, platform=platform, as_person=bool(context.settings["human_agent"])
        )
        self._names: dict[str, tuple[str, str | None]] = {}
        self._pictures = Pictures(self._api.host)

    def _pieces(self, payload: object) -> Iterable[Json]:
        return reading.pieces(payload)

    def _key(self, piece: Json) -> str:
        return reading.key(piece)

    def _read(self, piece: object) -> Read:
        return reading.read(piece, self._own, self._now())

    async def _whole(self, piece: Json) -> Json:
        """With the client's name, which only the API tells, to those apps that may know it."""
        try:
            client = reading.speaker(piece)
        except (KeyError, TypeError):
            return piece
        if client is None:
            return piece
        if client not in self._names:
            if len(self._names) >= _MOST_NAMES:
                self._names.clear()
            with self._api.channel_errors():
                self._names[client] = await self._name_of(client)
        return {**piece, "people": {client: list(self._names[client])}}

    async def _name_of(self, client: str) -> tuple[str, str | None]:
        fields = "name,username" if self._platform else "first_name,last_name,name"
        try:
            told = await self._api.get(f"/{client}", fields=fields)
        except (Refused, NotConnected, Broken):
            return "", None
        if not isinstance(told, dict):
            return "", None
        parts = (told.get("first_name"), told.get("last_name"))
        name = told.get("name") or " ".join(str(one) for one in parts if one)
        return str(name or ""), str(told["username"]) if told.get("username") else None

    async def _settled(self, incoming: Incoming) -> Incoming:
        """What pfinbox sent comes back as well, and is not sent elsewhere."""
        event = incoming.event
        if not isinstance(event, Message) or not event.sent_elsewhere:
            return incoming
        if not await self._sender.is_ours(event.source_id):
            return incoming
        ours = replace(event, sent_elsewhere=False, sort=Sort.OWN_LOOP)
        return replace(incoming, event=ours)

    async def _profile(self) -> Profile | None:
        """While its own id is not known, every Instagram account's events would be taken for its
        own: nothing is received before Meta has told it.
        """
        if self._own:
            return await super()._profile()
        with self._api.channel_errors():
            return await self._who_am_i()

    async def _who_am_i(self) -> Profile:
        own = ",instagram_business_account{id,username}" if self._platform else ""
        me = await self._api.get("/me", fields=f"id,name,username{own}")
        account = inner(me, "instagram_business_account") if self._platform else {}
        if account.get("id"):
            self._own = frozenset({self._page, str(account["id"])})
        username = str(account.get("username") or me.get("username") or "")
        link = f"https://ig.me/m/{username}" if self._platform else f"https://m.me/{self._page}"
        shown = f"@{username}" if username else str(me.get("name") or self._page)
        reachable = bool(username or not self._platform)
        return Profile(shown, f"{link}?ref={{token}}" if reachable else None)

    async def _subscribed(self) -> list[Json]:
        return apps(await self._api.get("/me/subscribed_apps"))

    async def show_writing(self, chat_key: str) -> None:
        """Meta ends it after twenty seconds."""
        await self._act(chat_key, "typing_on")

    async def mark_read(self, chat_key: str, source_id: str) -> None:
        """All that is there: Meta asks for no message."""
        await self._act(chat_key, "mark_seen")

    async def _act(self, chat_key: str, action: str) -> None:
        body = {"recipient": {"id": chat_key}, "sender_action": action}
        with self._api.channel_errors():
            await self._api.post("/me/messages", json=body)

    async def picture(self, chat_key: str, person: str) -> bytes | None:
        """Only apps that may know names are told of it."""
        with self._api.channel_errors():
            told = await self._api.get(f"/{person}", fields="profile_pic")
            return await self._pictures.at(told.get("profile_pic"))

    def redrawn(self) -> Collection[str]:
        return ()  # Meta tells of no change

    async def send(self, part: Outgoing, transmitting: Transmitting) -> Sent:
        return await self._sender.send(part, transmitting)

    async def close(self) -> None:
        await super().close()
        await self._pictures.close()
