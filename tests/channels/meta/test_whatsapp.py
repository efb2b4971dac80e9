"""What WhatsApp tells becomes events, and what leaves for it (R2, R11, R12, R15, R19, R20, R24)."""

from typing import Any

import pytest

from pfinbox.channels.meta.whatsapp.templates import message as put_together
from pfinbox.domain.contract.channel import (
    AccountFailure,
    ChannelError,
    PermanentFailure,
    TemporaryFailure,
    UnknownOutcome,
)
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.incoming import (
    ChatKeyChanged,
    Deletion,
    Edit,
    Fate,
    Ignored,
    Message,
    Reaction,
    Report,
    Unreadable,
)
from pfinbox.domain.contract.template import FilledTemplate
from tests.channels.meta.conftest import Open, nothing, outgoing
from tests.channels.meta.reading import Waiting, batches, events, incoming
from tests.servers.meta import Graph, Json
from tests.servers.meta.shapes import (
    BUSINESS,
    MARIA,
    MARIA_ID,
    NUMBER,
    contact,
    message,
    status,
    whatsapp,
)


def told(*messages: Json, who: Json | None = None) -> Json:
    return whatsapp({"contacts": [who or contact()], "messages": list(messages)})


async def read(open_channel: Open, *payloads: Json, **more: Any) -> list[Any]:
    return await events(open_channel(context={"requests": Waiting(*payloads), **more}))


async def test_r20_messages_of_every_kind_come_as_words_and_files(
    meta_server: Graph, open_channel: Open
) -> None:
    def media(content: bytes, media_type: str, **more: Any) -> Json:
        return {"id": meta_server.keep(content, media_type), "mime_type": media_type, **more}

    place = {"latitude": 52.2, "longitude": 21.0, "name": "Velo", "address": "Prosta 1"}
    person = {"name": {"formatted_name": "Oleg"}, "phones": [{"phone": "+48 1"}]}
    item = {"product_retailer_id": "TYRE", "quantity": 2, "item_price": 30, "currency": "PLN"}
    answer = {"type": "list_reply", "list_reply": {"id": "1", "title": "Red", "description": "28"}}
    form = {"body": "Sent", "response_json": '{"flow_token":"x","size":"L"}'}
    ad = {"headline": "Sale", "body": "Tyres", "source_url": "https://fb.me/1"}
    given: list[tuple[str, Any, Json, str, list[bytes]]] = [
        ("text", {"body": "Здравствуйте"}, {"referral": ad}, "Здравствуйте\n🔗 Sale Tyres", []),
        ("image", media(b"jpg", "image/jpeg", caption="see"), {}, "see", [b"jpg"]),
        ("audio", media(b"ogg", "audio/ogg; codecs=opus", voice=True), {}, "", [b"ogg"]),
        ("sticker", media(b"webp", "image/webp"), {"context": {"forwarded": True}}, "↪", [b"webp"]),
        ("location", place, {}, "📍 Velo, Prosta 1 (52.2, 21.0)", []),
        ("contacts", [person], {}, "👤 Oleg +48 1", []),
        ("button", {"payload": "p", "text": "Yes"}, {}, "Yes", []),
        ("interactive", answer, {}, "Red\n28", []),
        ("interactive", {"type": "nfm_reply", "nfm_reply": form}, {}, "Sent\nsize: L", []),
        ("order", {"product_items": [item]}, {}, "🛒 2 × TYRE: 30 PLN", []),
        ("hologram", {"of": "me"}, {}, "[hologram]", []),
    ]
    some = [message(f"wamid.{n}", one[0], one[1], **one[2]) for n, one in enumerate(given)]
    found = await read(open_channel, told(*some))
    assert len(found) == len(given)
    for one, (_kind, _told, _more, text, files) in zip(found, given, strict=True):
        assert isinstance(one, Message)
        assert one.text.startswith(text)
        assert [file.content for file in one.files] == files
        assert (one.sender.value, one.sender.username) == (MARIA_ID, f"+{MARIA}")
    assert [file.name for one in found for file in one.files] == [
        "image.jpg",
        "voice.ogg",
        "sticker.webp",
    ]
    assert [reason.kind for one in found for reason in one.warnings] == ["unsupported"]


async def test_r20_a_file_that_is_gone_blocks_nobody(
    meta_server: Graph, open_channel: Open
) -> None:
    gone = {"id": "999", "mime_type": "application/pdf", "filename": "bill.pdf"}
    some = [message("wamid.1", "document", gone), message("wamid.2", "text", {"body": "x"})]
    first, second = await read(open_channel, told(*some))
    assert [one.kind for one in first.warnings] == ["file_not_fetched"]
    assert "bill.pdf" in first.warnings[0].sentence()
    assert second.text == "x"


async def test_r11_r24_what_is_told_besides_messages(open_channel: Open) -> None:
    edit = {"original_message_id": "wamid.1", "message": {"type": "text", "text": {"body": "!"}}}
    error = {"code": 131047, "title": "Re-engagement message"}
    statuses = [
        status("wamid.9", "sent", biz_opaque_callback_data="n9"),
        status("wamid.9", "delivered"),
        status("wamid.9", "played"),
        status("wamid.9", "failed", errors=[error]),
        status("wamid.9", "read", recipient_type="group"),
    ]
    whole = told(
        message("wamid.1", "text", {"body": "?"}, context={"id": "wamid.8", "from": "1"}),
        message("wamid.2", "edit", edit),
        message("wamid.3", "revoke", {"original_message_id": "wamid.1"}),
        message("wamid.4", "reaction", {"message_id": "wamid.9", "emoji": "👍"}),
        message("wamid.5", "reaction", {"message_id": "wamid.9"}),
        message("wamid.6", "text", {"body": "?"}, group_id="g"),
    )
    said, edited, gone, liked, unliked, group, *reports = await read(
        open_channel, whole, whatsapp({"statuses": statuses})
    )
    assert isinstance(said, Message)
    assert said.references == ("wamid.8",)
    assert isinstance(edited, Edit)
    assert (edited.source_id, edited.text, edited.chat_key) == ("wamid.1", "!", MARIA_ID)
    assert isinstance(gone, Deletion)
    assert gone.source_ids == ("wamid.1",)
    assert isinstance(liked, Reaction)
    assert isinstance(unliked, Reaction)
    assert (liked.signs, unliked.signs) == (("👍",), ())
    assert isinstance(group, Ignored)
    assert isinstance(reports.pop(), Ignored)
    assert all(isinstance(one, Report) for one in reports)
    fates = [Fate.SENT, Fate.DELIVERED, Fate.SEEN, Fate.FAILED]
    assert [one.fate for one in reports] == fates
    assert (reports[0].nonce, reports[0].source_id) == ("n9", "wamid.9")
    assert reports[-1].reason.kind == "window_closed"


async def test_r2_r43_who_it_is_by_the_id_that_lasts(open_channel: Open) -> None:
    hidden = contact(user_id=None) | {"wa_id": None, "user_id": MARIA_ID}
    unnumbered = message("wamid.1", "text", {"body": "x"})
    del unnumbered["from"]
    changed = {"type": "user_changed_number", "wa_id": "48600999888", "user_id": "PL.7"}
    moved = message("wamid.2", "system", {**changed, "previous_user_id": MARIA_ID})
    older = message("wamid.3", "system", {"type": "user_changed_number", "wa_id": "48600999888"})
    del older["from_user_id"]
    echo = {"from": "1", "to": MARIA, "id": "wamid.4", "timestamp": "1700000000", "type": "text"}
    echoed = {"contacts": [contact()], "message_echoes": [{**echo, "text": {"body": "Ours"}}]}
    other = whatsapp({"contacts": [contact()], "messages": [message("wamid.5", "text", {})]})
    other["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = "1"
    said, by_id, by_number, ours, not_ours, account = await read(
        open_channel,
        told(unnumbered, who=hidden),
        whatsapp({"messages": [moved, older]}),
        whatsapp(echoed, "smb_message_echoes"),
        other,
        whatsapp({"event": "APPROVED"}, "message_template_status_update"),
    )
    assert (said.sender.value, said.sender.username) == (MARIA_ID, None)
    assert isinstance(by_id, ChatKeyChanged)
    assert (by_id.chat_key, by_id.new_key) == (MARIA_ID, "PL.7")
    assert isinstance(by_number, ChatKeyChanged)
    assert (by_number.chat_key, by_number.new_key) == (MARIA, "48600999888")
    assert (ours.sent_elsewhere, ours.chat_key, ours.to[0].value) == (True, MARIA_ID, MARIA_ID)
    assert isinstance(not_ours, Ignored)
    assert isinstance(account, Ignored)


async def test_r4_who_was_known_by_the_number_goes_on_in_the_same_chat(open_channel: Open) -> None:
    """Before there were ids that last, or written to first."""
    bare = message("wamid.1", "text", {"body": "before"})
    del bare["from_user_id"]
    before = told(bare, who=contact(user_id=None))
    (first,) = await incoming(open_channel(context={"requests": Waiting(before)}))
    assert first.event.chat_key == MARIA  # type: ignore[union-attr]

    async def has_chat(key: str) -> bool:
        return key == MARIA

    after = told(message("wamid.2", "text", {"body": "after"}))
    later = told(message("wamid.3", "text", {"body": "later"}))
    channel = open_channel(context={"requests": Waiting(after, later), "has_chat": has_chat})
    same, *messages = await incoming(channel)
    assert isinstance(same.event, ChatKeyChanged)
    assert (same.event.chat_key, same.event.new_key) == (MARIA, MARIA_ID)
    assert channel.parse(same.key, same.raw) == same
    assert [one.event.text for one in messages] == ["after", "later"]  # type: ignore[union-attr]


@pytest.mark.parametrize("body", [{}, {"entry": 1}, {"entry": [{"changes": "?"}]}, [], "text"])
async def test_r12_what_cannot_be_read_is_kept(open_channel: Open, body: Any) -> None:
    for name in ("whatsapp", "messenger"):
        found = await events(open_channel(name, context={"requests": Waiting(body)}))
        assert all(isinstance(one, Unreadable | Ignored) for one in found)


async def test_r15_r19_what_leaves(meta_server: Graph, open_channel: Open) -> None:
    channel = open_channel()
    sent = await channel.send(outgoing("Да", quote_source_id="wamid.7"), nothing)
    assert sent.source_id == meta_server.sent[-1]["id"]
    method, path, query, body = meta_server.calls[-1]
    assert (method, path) == ("POST", f"/{NUMBER}/messages")
    assert set(query) == {"appsecret_proof"}
    assert body == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": MARIA,
        "recipient": MARIA_ID,
        "type": "text",
        "text": {"body": "Да", "preview_url": False},
        "context": {"message_id": "wamid.7"},
        "biz_opaque_callback_data": "n1",
    }
    for to, expected in ((MARIA, {"to": MARIA}), ("PL.9", {"recipient": "PL.9"})):
        await channel.send(outgoing(to=to), nothing)
        named = meta_server.calls[-1][3]
        assert {name: named[name] for name in ("to", "recipient") if name in named} == expected


@pytest.mark.parametrize(
    ("file", "text", "kind"),
    [
        (File("a.png", "image/png", b"png"), "see", "image"),
        (File("a.png", "image/png", bytes(5_000_001)), "", "document"),
        (File("a.mp3", "audio/mpeg", b"mp3"), "", "audio"),
        (File("a.mp3", "audio/mpeg", b"mp3"), "hear", "document"),
        (File('b "1".pdf', "application/pdf", b"pdf"), "", "document"),
    ],
)
async def test_r20_files_leave_as_what_they_are(
    meta_server: Graph, open_channel: Open, file: File, text: str, kind: str
) -> None:
    await open_channel().send(outgoing(text, files=(file,)), nothing)
    body = meta_server.sent[-1]["body"]
    told = body[body["type"]]
    assert (body["type"], told.get("caption", "")) == (kind, text)
    assert meta_server.uploaded[told["id"]][1] == file.content
    assert ("filename" in told) is (kind == "document")


async def test_r20_a_file_that_is_refused_for_now_comes_another_time(
    meta_server: Graph, open_channel: Open
) -> None:
    ident = meta_server.keep(b"pdf")
    media = {"id": ident, "mime_type": "application/pdf"}
    channel = open_channel(context={"requests": Waiting(told(message("m", "document", media)))})
    for status_, code, error in (
        (400, 80007, TemporaryFailure),
        (429, 4, TemporaryFailure),
        (401, 190, AccountFailure),
    ):
        meta_server.refusing[f"/{ident}"] = (status_, {"code": code, "message": "as told"})
        with pytest.raises(error):
            await events(channel)
    del meta_server.refusing[f"/{ident}"]
    (got,) = await events(channel)
    assert isinstance(got, Message)
    assert [file.content for file in got.files] == [b"pdf"]


@pytest.mark.parametrize(
    ("fault", "error", "kind"),
    [
        ((401, 190, 0), AccountFailure, "auth_failed"),
        ((403, 10, 0), AccountFailure, "auth_failed"),
        ((400, 131031, 0), AccountFailure, "account_restricted"),
        ((400, 131042, 0), AccountFailure, "payment_needed"),
        ((400, 131047, 0), PermanentFailure, "window_closed"),
        ((400, 131026, 0), PermanentFailure, "not_reachable"),
        ((400, 131050, 0), PermanentFailure, "opted_out"),
        ((400, 131053, 0), PermanentFailure, "file_refused"),
        ((400, 132001, 0), PermanentFailure, "template_refused"),
        ((400, 100, 0), PermanentFailure, "rejected"),
        ((400, 131056, 0), TemporaryFailure, "rejected"),
        ((503, 131016, 0), TemporaryFailure, "rejected"),
        ((500, 131000, 0), UnknownOutcome, "outcome_unknown"),
        ((429, 0, 0), TemporaryFailure, "rejected"),
    ],
)
async def test_r24_refusals_say_why(
    meta_server: Graph,
    open_channel: Open,
    fault: tuple[int, int, int],
    error: type[ChannelError],
    kind: str,
) -> None:
    status_, code, subcode = fault
    told = {"code": code, "error_subcode": subcode, "message": "as told", "type": "T"}
    meta_server.faults.append((status_, told))
    with pytest.raises(error) as failure:
        await open_channel().send(outgoing(), nothing)
    assert failure.value.reason.kind == kind


BODY = {"type": "BODY", "text": "Hello {{1}}, order {{2}}"}
READY = {
    "name": "ready",
    "language": "en_US",
    "status": "APPROVED",
    "category": "UTILITY",
    "id": "1",
    "components": [
        {"type": "HEADER", "format": "TEXT", "text": "For {{1}}"},
        BODY,
        {"type": "FOOTER", "text": "Velo"},
        {
            "type": "BUTTONS",
            "buttons": [
                {"type": "QUICK_REPLY", "text": "Thanks"},
                {"type": "URL", "text": "Track", "url": "https://velo.example/{{1}}"},
            ],
        },
    ],
}


def template(name: str, **more: Any) -> Json:
    return {**READY, "name": name, "components": [BODY], **more}


async def test_r25_templates_are_told_when_they_are_news(
    meta_server: Graph, open_channel: Open
) -> None:
    picture = [{"type": "HEADER", "format": "IMAGE"}, BODY]
    meta_server.templates = [
        READY,
        template("new", status="PENDING"),
        template("by_name", components=[{"type": "BODY", "text": "Hi {{who}}"}]),
        template("picture", components=picture),
    ]
    change = whatsapp({"event": "APPROVED"}, "message_template_status_update")
    channel = open_channel(context={"requests": Waiting(change, change)})
    first, second, idle = await batches(channel)
    assert first.templates is not None
    ready, by_name, pictured = first.templates
    assert (ready.header, pictured.header) == ("", "image")
    assert ready.text == (
        "For {{header.1}}\nHello {{1}}, order {{2}}\nVelo\n[Thanks]\n"
        "[Track https://velo.example/{{button.1.1}}]"
    )
    assert ready.parameters == ("header.1", "1", "2", "button.1.1")
    assert (by_name.parameters, by_name.category) == (("who",), "UTILITY")
    assert (second.templates, idle.templates) == (None, None)
    # What the cursor remembers is enough after a restart.
    again = await batches(open_channel(context={"requests": Waiting()}), first.cursor)
    assert again[0].templates == first.templates
    assert first.cursor is not None
    assert BUSINESS in first.cursor


async def test_r25_a_template_leaves_with_its_parameters(
    meta_server: Graph, open_channel: Open
) -> None:
    values = {"header.1": "Maria", "2": "7", "1": "Maria", "button.1.1": "t/7"}
    filled = FilledTemplate("ready", "en_US", values)
    meta_server.window_open = False
    await open_channel().send(outgoing("spelt out", template=filled), nothing)
    body = meta_server.sent[-1]["body"]
    assert body["type"] == "template"
    assert "text" not in body
    text = [{"type": "text", "text": value} for value in ("Maria", "7", "t/7")]
    assert body["template"] == {
        "name": "ready",
        "language": {"policy": "deterministic", "code": "en_US"},
        "components": [
            {"type": "header", "parameters": text[:1]},
            {"type": "body", "parameters": text[:2]},
            {"type": "button", "sub_type": "url", "index": "1", "parameters": text[2:]},
        ],
    }
    by_name = put_together(FilledTemplate("n", "ru", {"who": "Мария"}), "", "")["components"]
    named = {"type": "text", "parameter_name": "who", "text": "Мария"}
    assert by_name == [{"type": "body", "parameters": [named]}]
    assert "components" not in put_together(FilledTemplate("n", "ru", {}), "", "")
    for header, file in (
        ("document", File("bill.pdf", "application/pdf", b"pdf")),
        ("image", File("a.png", "image/png", b"png")),
    ):
        above = FilledTemplate("n", "ru", {}, header)
        await open_channel().send(outgoing("", template=above, files=(file,)), nothing)
        (told,) = meta_server.sent[-1]["body"]["template"]["components"]
        (shown,) = told["parameters"]
        assert meta_server.uploaded[shown[header]["id"]] == (file.name, file.content)
        assert shown[header].get("filename") == (file.name if header == "document" else None)


async def test_doctor_says_that_nobody_is_told(meta_server: Graph, open_channel: Open) -> None:
    meta_server.subscribed = False
    kinds = [
        [one.reason.kind for one in await open_channel(name, **more).probe() if one.reason]
        for name, more in (
            ("whatsapp", {"business_account_id": BUSINESS}),
            ("messenger", {}),
            ("whatsapp", {"context": {"hook_url": None}}),
            ("instagram", {"token": "wrong"}),
        )
    ]
    assert kinds == [["not_subscribed"], ["not_subscribed"], ["no_base_url"], ["auth_failed"]]
