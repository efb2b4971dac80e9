"""WhatsApp, Messenger and Instagram meet the suite: requests to the door, calls to a loopback."""

from collections.abc import Sequence
from typing import Any

import pytest

from pfinbox.channels.meta import INSTAGRAM, MESSENGER, WHATSAPP
from pfinbox.domain.actor import SystemActor
from pfinbox.domain.contract.channel import AccountContext, Channel
from pfinbox.domain.contract.files import File
from pfinbox.services.inbound import keeping
from pfinbox.services.inbound.keeping import Pushed
from pfinbox.store.uow import Store
from tests.channels.conformance.other_side import MAC_KEY, Got, OtherSide, Trouble
from tests.channels.conformance.suite import Conformance
from tests.channels.meta.conftest import URL, given, request
from tests.servers.meta import Graph, Json
from tests.servers.meta.server import later
from tests.servers.meta.shapes import PSID, contact, event, message, page, status, whatsapp


class Meta(OtherSide):
    """A client; Meta pushes to the door."""

    troubles = frozenset(Trouble)

    def __init__(self, server: Graph, store: Store) -> None:
        self._meta = server
        self._store = store
        self.given = given(self.spec, server.base)
        server.push = self._push

    def open(self, **context: Any) -> Channel:
        return self.spec.open(
            AccountContext("it", self.settings(), MAC_KEY, hook_url=URL, **context)
        )

    async def _push(self, body: bytes) -> None:
        """As the door does it."""
        pushed = request(body)
        assert self.spec.admit is not None
        verdict = self.spec.admit(self.settings(), pushed)
        assert verdict.keep, verdict
        kept = [Pushed("it", verdict.key, pushed)]
        await self._store.run(lambda uow: keeping.keep(uow, SystemActor("door"), kept))

    async def repeats(self) -> None:
        await self._meta.repeat(self._meta.pushed[-1])

    async def read(self) -> int:
        return len(self._meta.read)

    def trouble(self, trouble: Trouble) -> None:
        refused: Json = {"message": "no", "type": "OAuthException", "code": 100}
        faults: dict[Trouble, tuple[int, Json] | str] = {
            Trouble.TOO_MANY: later(whatsapp=self.spec is WHATSAPP),
            Trouble.REFUSED: (400, refused),
            Trouble.WRONG_SECRET: (401, {**refused, "code": 190}),
            Trouble.FAULT: "fault",
            Trouble.CUT: "cut",
            Trouble.TRUNCATED: "garbage",
        }
        self._meta.faults.append(faults[trouble])


class Number(Meta):
    """A client who writes to a number of WhatsApp."""

    spec = WHATSAPP

    async def says(self, text: str, *, name: str = "Maria", files: Sequence[File] = ()) -> str:
        ident = self._meta.name("wamid.")
        told = message(ident, "text", {"body": text})
        for file in files:
            about = {"id": self._meta.keep(file.content, file.media_type), "sha256": "x"}
            document = {**about, "mime_type": file.media_type, "filename": file.name}
            told = message(ident, "document", {**document, "caption": text})
        await self._tell(told, name)
        return ident

    async def _tell(self, told: Json, name: str = "Maria") -> None:
        await self._meta.tell(whatsapp({"contacts": [contact(name)], "messages": [told]}))

    async def edits(self, name: str, text: str) -> None:
        changed = {"type": "text", "text": {"body": text}}
        given = {"original_message_id": name, "message": changed}
        await self._tell(message(self._meta.name("wamid."), "edit", given))

    async def deletes(self, name: str) -> None:
        given = {"original_message_id": name}
        await self._tell(message(self._meta.name("wamid."), "revoke", given))

    async def nonsense(self) -> None:
        await self._meta.tell(whatsapp({"holograms": []}, "holograms"))

    async def got(self) -> list[Got]:
        return [self._got(one["body"]) for one in self._meta.sent]

    def _got(self, body: Json) -> Got:
        given = body[body["type"]]
        files = (self._meta.uploaded[given["id"]],) if "id" in given else ()
        return Got(given.get("body") or given.get("caption") or "", files)

    async def tells_back(self) -> None:
        sent = self._meta.sent[-1]
        mark = sent["body"]["biz_opaque_callback_data"]
        told = status(sent["id"], "sent", biz_opaque_callback_data=mark)
        await self._meta.tell(whatsapp({"statuses": [told]}))

    async def reports_failure(self) -> None:
        sent = self._meta.sent[-1]["id"]
        error = {"code": 131026, "title": "Message undeliverable"}
        told = {"statuses": [status(sent, "failed", errors=[error])]}
        await self._meta.tell(whatsapp(told))


class OfPage(Meta):
    """A client who writes to a page, or to the professional account that belongs to it."""

    def __init__(self, server: Graph, store: Store) -> None:
        super().__init__(server, store)
        self._looks: Json = {}

    async def shows(self, picture: bytes) -> None:
        ident = self._meta.keep(picture, "public")
        self._looks = {"profile_pic": self._meta.address(ident)}

    async def _tell(self, *, ours: bool = False, **what: Any) -> None:
        instagram = self.spec is INSTAGRAM
        one = event(instagram=instagram, ours=ours, **what)
        await self._meta.tell(page(one, instagram=instagram))

    async def says(self, text: str, *, name: str = "Maria", files: Sequence[File] = ()) -> str:
        self._meta.names[PSID] = {"name": name, **self._looks}
        mid = self._meta.name("m_")
        told: Json = {"mid": mid, "text": text}
        if files:
            ident = files[0].name.replace("/", "_")
            self._meta.media[ident] = ("public", files[0].content)
            address = self._meta.address(ident)
            told["attachments"] = [{"type": "file", "payload": {"url": address}}]
        await self._tell(message=told)
        return mid

    async def edits(self, name: str, text: str) -> None:
        await self._tell(message_edit={"mid": name, "text": text, "num_edit": 1})

    async def deletes(self, name: str) -> None:
        await self._tell(message={"mid": name, "is_deleted": True})

    async def nonsense(self) -> None:
        await self._tell(hologram={"of": "someone"})

    async def got(self) -> list[Got]:
        return [self._got(one["body"]["message"]) for one in self._meta.sent]

    def _got(self, told: Json) -> Got:
        files: tuple[tuple[str, bytes], ...] = ()
        if "attachment" in told:
            files = (self._meta.uploaded[told["attachment"]["payload"]["attachment_id"]],)
        return Got(told.get("text", ""), files)

    async def tells_back(self) -> None:
        sent = self._meta.sent[-1]
        said = sent["body"]["message"]["text"]
        await self._tell(ours=True, message={"mid": sent["id"], "text": said, "is_echo": True})


class OnMessenger(OfPage):
    spec = MESSENGER


class OnInstagram(OfPage):
    spec = INSTAGRAM


class TestWhatsApp(Conformance):
    @pytest.fixture
    async def other_side(self, meta_server: Graph, new_store: Store) -> OtherSide:
        return Number(meta_server, new_store)


class TestMessenger(Conformance):
    @pytest.fixture
    async def other_side(self, meta_server: Graph, new_store: Store) -> OtherSide:
        return OnMessenger(meta_server, new_store)


class TestInstagram(Conformance):
    @pytest.fixture
    async def other_side(self, meta_server: Graph, new_store: Store) -> OtherSide:
        return OnInstagram(meta_server, new_store)
