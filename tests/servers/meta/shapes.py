"""What Meta's webhooks carry, as Meta documents them."""

import time
from typing import Any

Json = dict[str, Any]

BUSINESS, NUMBER, SHOWN = "102290129340398", "106540352242922", "15550783881"
PAGE, ACCOUNT, APP_ID = "1118900000001", "17841400000001", "670000000001"
MARIA, MARIA_ID = "48600100200", "PL.13491208655302741918"
PSID = "6123000000000001"
PHONE = {
    "id": NUMBER,
    "display_phone_number": "+1 555-078-3881",
    "verified_name": "Velo",
    "quality_rating": "GREEN",
}
PAGE_PROFILE = {
    "id": PAGE,
    "name": "Velo",
    "username": "velo.shop",
    "instagram_business_account": {"id": ACCOUNT, "username": "velo.shop"},
}
APP = {"whatsapp_business_api_data": {"id": APP_ID, "name": "pfinbox", "link": "https://x.example"}}


def now() -> int:
    return int(time.time())


# -- WhatsApp


def contact(name: str = "Мария", number: str = MARIA, user_id: str | None = MARIA_ID) -> Json:
    known = {"user_id": user_id} if user_id else {}
    return {"profile": {"name": name}, "wa_id": number, **known}


def whatsapp(value: Json, field: str = "messages") -> Json:
    """One change, as a request carries it."""
    metadata = {"display_phone_number": SHOWN, "phone_number_id": NUMBER}
    whole = {"messaging_product": "whatsapp", "metadata": metadata, **value}
    change = {"value": whole, "field": field}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": BUSINESS, "changes": [change]}],
    }


def message(name: str, kind: str, given: Any, **more: Any) -> Json:
    """A message of Maria's."""
    told = {"from": MARIA, "id": name, "timestamp": str(now()), "type": kind, kind: given}
    return {**told, "from_user_id": MARIA_ID, **more}


def status(name: str, what: str, **more: Any) -> Json:
    given = {"id": name, "status": what, "timestamp": str(now()), "recipient_id": MARIA}
    return {**given, **more}


# -- Messenger and Instagram


def page(*events: Json, instagram: bool = False) -> Json:
    entry = {"id": ACCOUNT if instagram else PAGE, "time": now() * 1000, "messaging": list(events)}
    return {"object": "instagram" if instagram else "page", "entry": [entry]}


def event(*, instagram: bool = False, ours: bool = False, **what: Any) -> Json:
    """Something that a client (PSID) does, or we do."""
    client, we = {"id": PSID}, {"id": ACCOUNT if instagram else PAGE}
    sender, recipient = (we, client) if ours else (client, we)
    return {"sender": sender, "recipient": recipient, "timestamp": now() * 1000, **what}
