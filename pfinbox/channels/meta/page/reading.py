"""From a request of Messenger's or Instagram's to events.

Clients are known by an id that lasts, for this page (PSID) or professional account (IGSID) alone.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from pfinbox.channels.http.told import moment
from pfinbox.channels.meta.page.content import advertisement, content
from pfinbox.channels.meta.pieces import (
    UNDESCRIBED,
    Json,
    Read,
    ignored,
    inner,
    key_of,
    listed,
    unreadable,
)
from pfinbox.domain.contract.incoming import (
    ChatStarted,
    Deletion,
    Edit,
    Fate,
    Message,
    Reaction,
    Report,
)
from pfinbox.domain.contract.party import Party

Names = Mapping[str, Party]


def pieces(payload: object) -> Iterator[Json]:
    """Every event of a request; ``standby``: while another app speaks for the page."""
    if not isinstance(payload, dict) or not isinstance(payload.get("entry"), list):
        yield {"payload": payload}
        return
    for entry in listed(payload["entry"]):
        about = {"page": entry.get("id")}
        for name in ("messaging", "standby"):
            for one in listed(entry.get(name)):
                yield {**about, "event": one}
        for change in listed(entry.get("changes")):
            yield {**about, "field": change.get("field"), "value": change.get("value")}


def key(piece: Json) -> str:
    return key_of({name: value for name, value in piece.items() if name != "people"})


def speaker(piece: Json) -> str | None:
    """The client who says something, so that a name can be asked for; None where nobody does."""
    event = inner(piece, "event")
    if not {"message", "postback", "referral"} & set(event):
        return None
    return _client(event)


def read(piece: object, own: frozenset[str], now: datetime) -> Read:
    """The event of a piece; ``own``: ids of the page and its professional account, if known."""
    try:
        given = piece if isinstance(piece, dict) else {}
        page = given.get("page")
        if own and page is not None and str(page) not in own:
            return ignored("of another page")
        if "event" in given:
            people = given.get("people") or {}
            names = {i: Party(i, *told) for i, told in people.items()}
            return _event(given["event"], names, now)
        if "payload" in given:
            return unreadable("no request of Meta's", now)
        return ignored(given.get("field"))
    except UNDESCRIBED as error:
        return unreadable(error, now)


def _event(event: Json, names: Names, now: datetime) -> Read:
    at = moment(event.get("timestamp"), now, per_second=1000)
    if "message" in event:
        return _message(event, names, at)
    client = _client(event)
    who = names.get(client, Party(client))
    if "message_edit" in event:
        given = event["message_edit"]
        name, text = str(given["mid"]), str(given.get("text") or "")
        return Read(Edit(source_id=name, chat_key=client, text=text, edited_at=at))
    if "postback" in event:
        return _pressed(event, who, at)
    if "reaction" in event:
        given = event["reaction"]
        sign = str(given.get("emoji") or given.get("reaction") or "")
        signs = (sign,) if given.get("action") == "react" and sign else ()
        return Read(Reaction(source_id=str(given["mid"]), sender=who, signs=signs, at=at))
    if "read" in event or "delivery" in event:
        return _told(event, client, at)
    if "referral" in event:
        payload = str(event["referral"].get("ref") or "")
        return Read(ChatStarted(chat_key=client, sender=who, at=at, payload=payload))
    others = set(event) - {"sender", "recipient", "timestamp"}
    return ignored(", ".join(sorted(others)))


def _message(event: Json, names: Names, at: datetime) -> Read:
    message, client = event["message"], _client(event)
    name = str(message["mid"])
    if message.get("is_deleted"):
        return Read(Deletion(source_ids=(name,), chat_key=client, deleted_at=at))
    ours = bool(message.get("is_echo"))
    who = names.get(client, Party(client))
    said = content(message)
    answered = inner(message, "reply_to").get("mid")
    event_read = Message(
        source_id=name,
        chat_key=client,
        sender=Party("") if ours else who,
        to=(who,) if ours else (),
        sent_at=at,
        text=said.text,
        references=(str(answered),) if answered else (),
        warnings=said.warnings,
        sent_elsewhere=ours,
    )
    started = None if ours else _followed(inner(message, "referral"), who, at)
    return Read(event_read, said.files, started)


def _pressed(event: Json, who: Party, at: datetime) -> Read:
    """A button: what stands on it is what the client says."""
    given = event["postback"]
    referral = inner(given, "referral")
    lines = [str(given.get("title") or given.get("payload") or "?"), advertisement(referral)]
    message = Message(
        source_id=str(given.get("mid") or f"postback:{key_of(event)[:32]}"),
        chat_key=who.value,
        sender=who,
        sent_at=at,
        text="\n".join(line for line in lines if line),
    )
    return Read(message, before=_followed(referral, who, at))


def _followed(referral: Json, who: Party, at: datetime) -> ChatStarted | None:
    """By a link that leads into the chat with a word in it: an invitation (R30)."""
    word = str(referral.get("ref") or "")
    return ChatStarted(chat_key=who.value, sender=who, at=at, payload=word) if word else None


def _told(event: Json, client: str, at: datetime) -> Read:
    """What the client has, or has seen: one message, or all up to a moment."""
    fate = Fate.SEEN if "read" in event else Fate.DELIVERED
    given = event["read"] if "read" in event else event["delivery"]
    names = [given.get("mid"), *(given.get("mids") or ())]
    name = next((str(one) for one in names if one), "")
    if name:
        return Read(Report(source_id=name, fate=fate, at=at))
    until = moment(given["watermark"], at, per_second=1000)
    return Read(Report(source_id="", fate=fate, at=at, chat_key=client, until=until))


def _client(event: Json) -> str:
    """Who is not we: of our own messages the recipient."""
    ours = bool(inner(event, "message").get("is_echo"))
    return str(event["recipient" if ours else "sender"]["id"])
