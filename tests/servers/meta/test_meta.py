"""The loopback Meta answers and tells as Meta's own description has it, and so does who asks.

Meta describes WhatsApp alone in this form; of Messenger and Instagram there is only prose.
"""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from pfinbox.channels.meta.whatsapp.reading import pieces, read
from pfinbox.domain.contract.channel import ChannelError
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.incoming import Ignored, Message, Unreadable
from pfinbox.domain.contract.template import FilledTemplate
from tests.channels.meta.conftest import nothing, opened, outgoing
from tests.channels.meta.reading import Waiting, batches
from tests.channels.meta.test_whatsapp import READY, template
from tests.servers import described
from tests.servers.meta import Graph, Json
from tests.servers.meta.shapes import BUSINESS, NUMBER, contact, message, status, whatsapp

_ANSWERS = {
    f"/{NUMBER}": "number",
    f"/{NUMBER}/messages": "sent",
    f"/{NUMBER}/media": "upload",
    f"/{BUSINESS}/message_templates": "templates",
    f"/{BUSINESS}/subscribed_apps": "subscribed",
}


@pytest.fixture(scope="module")
def description() -> described.Description:
    return described.whatsapp()


def everything_told(server: Graph) -> list[Json]:
    def media(media_type: str, **more: Any) -> Json:
        kept = {"id": server.keep(b"x", media_type), "mime_type": media_type, "sha256": "x"}
        return {**kept, **more}

    place = {"latitude": 1.5, "longitude": 2.5, "name": "Velo", "address": "Prosta 1"}
    person = {"name": {"formatted_name": "Oleg"}, "phones": [{"phone": "+48 1"}]}
    item = {"product_retailer_id": "T", "quantity": 2, "item_price": 30, "currency": "PLN"}
    answered = {"context": {"from": "1", "id": "wamid.0"}}
    pressed = {"type": "button_reply", "button_reply": {"id": "1", "title": "Yes"}}
    error = {"code": 131051, "title": "?", "message": "?", "error_data": {"details": "?"}}
    kinds: list[tuple[str, Any, Json]] = [
        ("text", {"body": "x"}, {}),
        ("image", media("image/jpeg", caption="x"), {}),
        ("video", media("video/mp4"), {}),
        ("audio", media("audio/ogg", voice=True), {}),
        ("document", media("application/pdf", filename="a.pdf"), {}),
        ("sticker", media("image/webp", animated=False), {}),
        ("location", place, {}),
        ("contacts", [person], {}),
        ("button", {"payload": "p", "text": "Yes"}, answered),
        ("interactive", pressed, answered),
        ("order", {"catalog_id": "1", "text": "", "product_items": [item]}, {}),
        ("reaction", {"message_id": "wamid.0", "emoji": "👍"}, {}),
        ("unsupported", {}, {"errors": [error]}),
    ]
    some = [message(f"wamid.{n}", *one[:2], **one[2]) for n, one in enumerate(kinds)]
    fates = [status("wamid.0", what) for what in ("sent", "delivered", "read")]
    fates.append(status("wamid.0", "failed", errors=[error]))
    return [
        *(whatsapp({"contacts": [contact()], "messages": [one]}) for one in some),
        whatsapp({"statuses": fates}),
    ]


async def test_every_answer_and_request_is_as_described(
    meta_server: Graph, description: described.Description
) -> None:
    meta_server.templates = [READY, template("other")]
    payloads = everything_told(meta_server)
    channel = opened(meta_server.base, context={"requests": Waiting(*payloads)})
    found = [one.event for batch in await batches(channel) for one in batch.items]
    assert not [one for one in found if isinstance(one, Unreadable | Ignored)]
    await channel.probe()
    values = {"header.1": "M", "1": "M", "2": "7", "button.1.1": "7"}
    for part in (
        outgoing(quote_source_id="wamid.7"),
        outgoing("see", files=(File("a.png", "image/png", b"png"),)),
        outgoing("", files=(File("a.pdf", "application/pdf", b"pdf"),)),
        outgoing("", files=(File("a.mp3", "audio/mpeg", b"mp3"),)),
        outgoing(template=FilledTemplate("ready", "en_US", values)),
        outgoing(
            template=FilledTemplate("bill", "ru", {}, "document"),
            files=(File("a.pdf", "application/pdf", b"pdf"),),
        ),
    ):
        await channel.send(part, nothing)
    meta_server.faults.append((400, {"code": 100, "message": "no", "type": "T"}))
    with pytest.raises(ChannelError):
        await channel.send(outgoing(), nothing)
    await channel.close()
    faults = [fault for one in payloads for fault in description.faults("WebhookPayload", one)]
    for told in meta_server.told:
        name = _ANSWERS.get(told.path.removeprefix("/v23.0"), "media")
        faults += description.faults("GraphAPIError" if told.status >= 400 else name, told.answer)
    for _method, path, _query, body in meta_server.calls:
        if path.endswith("/messages"):
            faults += description.faults("Message", body)
    assert faults == []


def test_the_updates_that_others_have_collected_are_read() -> None:
    now, seen = datetime.now(UTC), set()
    for path in sorted(described.folder("whatsapp").glob("update-*.json")):
        for name, payload in json.loads(path.read_text()).items():
            for piece in pieces(payload):
                number = str(piece.get("number"))
                event = read(piece, number, now).event
                about = (path.stem, name)
                assert not isinstance(event, Unreadable), about
                said = "message" in piece or "echo" in piece
                newer = isinstance(event, Ignored) and said
                if isinstance(event, Message):
                    seen.add(name)
                    assert event.text or read(piece, number, now).wanted, about
                if newer:
                    # A group, a change of keys: nothing to show.
                    assert piece["message"].get("type") == "system" or piece["message"].get(
                        "group_id"
                    ), about
    assert len(seen) > 15
