"""From a request of WhatsApp's to events.

Clients are known by the id that lasts, the business-scoped user id; the phone number may be hidden.
"""

from collections.abc import Iterator
from datetime import datetime

from pfinbox.channels.http.told import moment
from pfinbox.channels.meta import refusals
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
from pfinbox.channels.meta.whatsapp.content import content
from pfinbox.domain.contract.incoming import (
    ChatKeyChanged,
    ChatStarted,
    Deletion,
    Edit,
    Fate,
    Message,
    Reaction,
    Report,
)
from pfinbox.domain.contract.party import Party

_LISTS = {"messages": "message", "message_echoes": "echo", "statuses": "status"}
# What became of a message; "sent" says only that WhatsApp has it.
_FATES = {
    "sent": Fate.SENT,
    "delivered": Fate.DELIVERED,
    "read": Fate.SEEN,
    "played": Fate.SEEN,
    "failed": Fate.FAILED,
}
# An account of WhatsApp's may have changed its templates.
TEMPLATE_FIELDS = frozenset(
    {
        "message_template_status_update",
        "message_template_components_update",
        "template_category_update",
    }
)


def pieces(payload: object) -> Iterator[Json]:
    """Every message, echo and status of a request; what is none of these as a whole."""
    if not isinstance(payload, dict) or not isinstance(payload.get("entry"), list):
        yield {"payload": payload}
        return
    for entry in listed(payload["entry"]):
        for change in listed(entry.get("changes")):
            about = {"business": entry.get("id"), "field": change.get("field")}
            value = inner(change, "value")
            found = False
            for name, single in _LISTS.items():
                for one in listed(value.get(name)):
                    found = True
                    number = inner(value, "metadata").get("phone_number_id")
                    who = _contact_of(one, listed(value.get("contacts")))
                    yield {**about, "number": number, "contact": who, single: one}
            if not found:
                yield {**about, "value": change.get("value")}


def _contact_of(one: Json, contacts: list[Json]) -> Json:
    """The person of a message, among those of its request."""
    names = ("from", "from_user_id", "to", "to_user_id", "recipient_id", "recipient_user_id")
    ids = {one.get(name) for name in names} - {None}
    for contact in contacts:
        if {contact.get("wa_id"), contact.get("user_id")} & ids:
            return contact
    return contacts[0] if len(contacts) == 1 else {}


def key(piece: Json) -> str:
    """The same message may come with another name of its sender."""
    return key_of({name: value for name, value in piece.items() if name != "contact"})


def read(piece: object, own_number: str, now: datetime) -> Read:
    """The event of a piece; ``own_number``: the phone number's id."""
    try:
        given = piece if isinstance(piece, dict) else {}
        number = given.get("number")
        if number is not None and str(number) != own_number:
            return ignored("of another number")
        if "message" in given:
            return _message(given["message"], given.get("contact") or {}, now)
        if "echo" in given:
            return _echo(given["echo"], given.get("contact") or {}, now)
        if "status" in given:
            return _status(given["status"], now)
        if "payload" in given:
            return unreadable("no request of WhatsApp's", now)
        return ignored(given.get("field"))
    except UNDESCRIBED as error:
        return unreadable(error, now)


def _message(message: Json, contact: Json, now: datetime) -> Read:
    if message.get("group_id"):
        return ignored("a message in a group")
    at, kind = moment(message.get("timestamp"), now), message.get("type")
    if kind == "system":
        return _changed(message, at)
    sender = _person(message.get("from"), message.get("from_user_id"), contact)
    before = _same_person(message.get("from"), sender, at)
    if kind == "request_welcome":
        return Read(ChatStarted(chat_key=sender.value, sender=sender, at=at), before=before)
    if kind == "reaction":
        given = inner(message, "reaction")
        sign = str(given.get("emoji") or "")
        signs = (sign,) if sign else ()
        name = str(given["message_id"])
        return Read(Reaction(source_id=name, sender=sender, signs=signs, at=at), before=before)
    if kind in ("edit", "revoke"):
        return _amended(message, sender.value, at)
    said = content(message)
    answered = inner(message, "context").get("id")
    event = Message(
        source_id=str(message["id"]),
        chat_key=sender.value,
        sender=sender,
        sent_at=at,
        text=said.text,
        references=(str(answered),) if answered else (),
        warnings=said.warnings,
    )
    return Read(event, said.files, before)


def _echo(message: Json, contact: Json, now: datetime) -> Read:
    """An answer from the business's own phone, which keeps its WhatsApp beside the API (R43)."""
    at = moment(message.get("timestamp"), now)
    client = _person(message.get("to"), message.get("to_user_id"), contact)
    if message.get("type") in ("edit", "revoke"):
        return _amended(message, client.value, at)
    said = content(message)
    event = Message(
        source_id=str(message["id"]),
        chat_key=client.value,
        sender=Party(""),
        to=(client,),
        sent_at=at,
        text=said.text,
        warnings=said.warnings,
        sent_elsewhere=True,
    )
    return Read(event, said.files)


def _amended(message: Json, chat_key: str, at: datetime) -> Read:
    given = inner(message, str(message["type"]))
    name = str(given["original_message_id"])
    if message["type"] == "revoke":
        return Read(Deletion(source_ids=(name,), chat_key=chat_key, deleted_at=at))
    said = content(inner(given, "message"))
    event = Edit(
        source_id=name, chat_key=chat_key, text=said.text, edited_at=at, warnings=said.warnings
    )
    return Read(event, said.files)


def _status(status: Json, now: datetime) -> Read:
    fate = _FATES.get(str(status.get("status")))
    if fate is None or status.get("recipient_type") == "group":
        return ignored(f"status {status.get('status')}")
    errors = listed(status.get("errors"))
    error = refusals.read(errors[0]) if errors else refusals.Error(words="no reason given")
    return Read(
        Report(
            source_id=str(status["id"]),
            fate=fate,
            at=moment(status.get("timestamp"), now),
            reason=refusals.reason(error, refusals.window({})) if fate is Fate.FAILED else None,
            nonce=str(status.get("biz_opaque_callback_data") or ""),
        )
    )


def _changed(message: Json, at: datetime) -> Read:
    """A client has another number, or is known by another id: the chat and the card stay."""
    given = inner(message, "system")
    if given.get("type") not in ("user_changed_number", "user_changed_user_id"):
        return ignored(f"system {given.get('type')}")
    before = given.get("previous_user_id") or message.get("from_user_id") or message.get("from")
    now_known = _person(given.get("wa_id"), given.get("user_id"), {})
    return Read(
        ChatKeyChanged(chat_key=str(before), new_key=now_known.value, at=at, sender=now_known)
    )


def _person(number: object, user_id: object, contact: Json) -> Party:
    """Who it is; with the phone number, where it is told, as the name that people know."""
    number = number or contact.get("wa_id")
    value = str(user_id or contact.get("user_id") or number or "")
    if not value:
        raise ValueError("nobody")
    profile = inner(contact, "profile")
    digits = str(number or "")
    called = f"+{digits}" if digits.isascii() and digits.isdecimal() else profile.get("username")
    return Party(value, str(profile.get("name") or ""), str(called) if called else None)


def _same_person(number: object, sender: Party, at: datetime) -> ChatKeyChanged | None:
    """Who was known by the number alone: from before there were ids, or written to first."""
    if not number or str(number) == sender.value:
        return None
    return ChatKeyChanged(chat_key=str(number), new_key=sender.value, at=at, sender=sender)
