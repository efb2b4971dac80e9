"""One community: receiving, sending and probing put together."""

from collections.abc import AsyncIterator, Callable, Collection, Iterable
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime

from pfinbox.channels.http.files import Files, without
from pfinbox.channels.http.lost import lost, read_lost
from pfinbox.channels.http.pictures import Pictures
from pfinbox.channels.http.told import moment
from pfinbox.channels.vk import send
from pfinbox.channels.vk.api import VkApi
from pfinbox.channels.vk.content import Json
from pfinbox.channels.vk.poll import Gap, Polled, Poller
from pfinbox.channels.vk.reading import Read, key_of, people_in, raw_of, read, read_raw
from pfinbox.domain.contract.amending import Amendment
from pfinbox.domain.contract.batch import Batch, Profile
from pfinbox.domain.contract.channel import (
    AccountContext,
    ChannelError,
    Finding,
    Transmitting,
)
from pfinbox.domain.contract.incoming import Edit, Incoming, Message
from pfinbox.domain.contract.outgoing import Outgoing, Sent
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason

_FILE_LIMIT = 200_000_000
_MOST_NAMES = 1000
_AT_ONCE = 1000  # users that one call may name


def _utc_now() -> datetime:
    return datetime.now(UTC)


class VkChannel:
    """A ``domain.contract.channel.Channel`` whose clock is given from outside."""

    def __init__(
        self,
        context: AccountContext,
        *,
        now: Callable[[], datetime] = _utc_now,
        wait: int = 25,
    ) -> None:
        self._group_id = int(context.settings["group_id"])
        self._key = context.mac_key
        self._api = VkApi(context.settings)
        self._now = now
        self._wait = wait
        self._names: dict[int, Party] = {}
        self._files = Files(_FILE_LIMIT, own=self._api.host)
        self._pictures = Pictures(self._api.host)

    async def receive(self, cursor: str | None) -> AsyncIterator[Batch]:
        """A batch for each poll; the cursor is VK's position and the newest message's date."""
        poller = Poller(self._api, self._group_id, int(self._now().timestamp()), self._wait)
        profile: Profile | None = self._profile()
        with self._api.channel_errors():
            async with aclosing(poller.polls(cursor)) as polls:  # type: ignore[type-var]
                async for polled in polls:
                    yield replace(await self._batch(polled), profile=profile)
                    profile = None

    def _profile(self) -> Profile:
        name = f"vk.com/club{self._group_id}"
        return Profile(name, f"https://vk.me/club{self._group_id}?ref={{token}}")

    async def _batch(self, polled: Polled) -> Batch:
        await self._get_names(polled.updates)
        items: list[Incoming] = []
        for update in polled.updates:
            items += await self._incoming(update)
        items += [self._missing(one) for one in polled.gaps]
        return Batch(items=tuple(items), cursor=polled.position.dump(), idle=not items)

    def _missing(self, gap: Gap) -> Incoming:
        now = self._now()
        until = moment(gap.until, now) if gap.until else now
        since = moment(gap.since, now)
        return lost(f"{gap.peer} {gap.since}", str(gap.peer), gap.reason, since, until)

    async def _incoming(self, update: Json) -> list[Incoming]:
        names = {one: self._names[one] for one in people_in(update) if one in self._names}
        got = await self._with_files(read(update, names, self._key, self._now()))
        key, raw = key_of(update), raw_of(update, names)
        items = [Incoming(key=key, raw=raw, event=got.event)]
        if got.started is not None:
            items.insert(0, Incoming(key=f"{key}:ref", raw=raw, event=got.started))
        return items

    async def _get_names(self, updates: Iterable[Json]) -> None:
        """Ask for the names of those who are not known yet; without them, messages come all the
        same.
        """
        if len(self._names) > _MOST_NAMES:
            self._names.clear()
        wanted = {one for update in updates for one in people_in(update)} - self._names.keys()
        if not wanted:
            return
        some = sorted(wanted)[:_AT_ONCE]
        users = await self._api.method(
            "users.get", user_ids=",".join(str(one) for one in some), fields="screen_name"
        )
        for user in users if isinstance(users, list) else ():
            if isinstance(user, dict) and isinstance(user.get("id"), int):
                name = f"{user.get('first_name', '')} {user.get('last_name', '')}".strip()
                screen = user.get("screen_name")
                self._names[user["id"]] = Party(
                    str(user["id"]), name, screen if isinstance(screen, str) else None
                )

    async def _with_files(self, got: Read) -> Read:
        event = got.event
        if got.wanted and isinstance(event, Message | Edit):
            return replace(got, event=await self._files.into(event, got.wanted))
        return got

    async def send(self, part: Outgoing, transmitting: Transmitting) -> Sent:
        return await send.send(self._api, self._key, self._group_id, part, transmitting)

    async def amend(self, change: Amendment) -> None:
        await send.amend(self._api, self._group_id, change)

    async def show_writing(self, chat_key: str) -> None:
        with self._api.channel_errors():
            await self._api.method(
                "messages.setActivity", peer_id=chat_key, type="typing", group_id=self._group_id
            )

    async def mark_read(self, chat_key: str, source_id: str) -> None:
        number = source_id.rpartition(":")[2]
        name = "up_to_cmid" if number.startswith("c") else "start_message_id"
        given = {name: number.removeprefix("c"), "group_id": self._group_id}
        with self._api.channel_errors():
            await self._api.method("messages.markAsRead", peer_id=chat_key, **given)

    async def picture(self, chat_key: str, person: str) -> bytes | None:
        with self._api.channel_errors():
            users = await self._api.method(
                "users.get", user_ids=person, fields="has_photo,photo_200"
            )
            user: Json = next(iter(users), {})
            return await self._pictures.at(user.get("photo_200") if user.get("has_photo") else None)

    def redrawn(self) -> Collection[str]:
        return ()  # VK tells communities of no change

    def mint(self, token: str, nonce: str) -> str | None:
        return None  # VK gives the number

    def parse(self, key: str, raw: bytes) -> Incoming:
        """Read stored bytes again; files stay where they are and become warnings."""
        if (missing := read_lost(key, raw)) is not None:
            return missing
        got = read_raw(raw, self._key, self._now())
        event = got.event
        if key.endswith(":ref") and got.started is not None:
            return Incoming(key=key, raw=raw, event=got.started)
        if got.wanted and isinstance(event, Message | Edit):
            event = without(event, got.wanted)
        return Incoming(key=key, raw=raw, event=event)

    async def probe(self) -> list[Finding]:
        """Is the key right, is Long Poll on, and does it tell of messages?"""
        try:
            with self._api.channel_errors():
                await self._api.method("groups.getLongPollServer", group_id=self._group_id)
                told = await self._api.method("groups.getLongPollSettings", group_id=self._group_id)
        except ChannelError as problem:
            return [Finding(False, self._api.host, problem.reason)]
        events = told.get("events", {}) if isinstance(told, dict) else {}
        wanted = ("message_new", "message_reply", "message_edit", "message_allow", "message_deny")
        off = [name for name in wanted if not events.get(name)]
        if off:
            reason = Reason("events_off", {"names": ", ".join(off)})
            return [Finding(False, self._profile().address, reason)]
        return [Finding(True, self._profile().address)]

    async def close(self) -> None:
        await self._api.close()
        await self._files.close()
        await self._pictures.close()
