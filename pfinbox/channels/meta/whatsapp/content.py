"""What a WhatsApp message holds, as words and files.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
"""

import json
import mimetypes
import re
from collections.abc import Callable

from pfinbox.channels.http.told import link, place
from pfinbox.channels.http.wanted import Wanted
from pfinbox.channels.meta import refusals
from pfinbox.channels.meta.pieces import Json, inner, listed
from pfinbox.domain.contract.reason import Reason
from pfinbox.record import record

_MEDIA_ID = re.compile(r"[\w-]{1,200}", re.ASCII)
_MEDIA = ("image", "video", "audio", "document", "sticker")


@record
class Media(Wanted):
    """A file that WhatsApp gives an address for, good for five minutes, when it is asked by id."""

    media_id: str = ""

    @property
    def key(self) -> str:
        return self.media_id


@record
class Content:
    """All that a message says."""

    text: str
    files: tuple[Media, ...] = ()
    warnings: tuple[Reason, ...] = ()


def content(message: Json) -> Content:
    """Of a message, or of the one that an edit carries."""
    kind = str(message.get("type", ""))
    given = inner(message, kind)
    lines: list[str] = []
    files: tuple[Media, ...] = ()
    warnings: tuple[Reason, ...] = ()
    if inner(message, "context").get("forwarded") or inner(message, "context").get(
        "frequently_forwarded"
    ):
        lines.append("↪")
    if kind in _MEDIA:
        files = (_media(kind, given),)
        lines.append(str(given.get("caption") or ""))
    elif kind in _WORDS:
        lines.append(_WORDS[kind](message))
    else:
        lines.append(f"[{given.get('type') or kind or '?'}]")
        warnings = (_unsupported(message),)
    lines += [_advertisement(inner(message, "referral")), _product(message)]
    return Content("\n".join(line for line in lines if line), files, warnings)


def _media(kind: str, given: Json) -> Media:
    media_type = str(given.get("mime_type") or "application/octet-stream").partition(";")[0].strip()
    what = "voice" if given.get("voice") is True else kind
    ending = mimetypes.guess_extension(media_type) or ""
    name = str(given.get("filename") or f"{what}{_ENDINGS.get(media_type, ending)}")
    media_id = str(given["id"])
    # It becomes a part of an address that is asked with our token.
    if _MEDIA_ID.fullmatch(media_id) is None:
        raise ValueError("no id of a file")
    return Media(name, media_type, "", media_id)


_ENDINGS = {"audio/ogg": ".ogg", "image/webp": ".webp", "audio/amr": ".amr", "audio/mpeg": ".mp3"}


def _unsupported(message: Json) -> Reason:
    errors = listed(message.get("errors"))
    detail = refusals.read(errors[0]).detail if errors else str(message.get("type", "?"))
    return Reason("unsupported", {"detail": detail})


def _text(message: Json) -> str:
    return str(inner(message, "text").get("body") or "")


def _place(message: Json) -> str:
    given = inner(message, "location")
    words = place(
        given.get("latitude", "?"),
        given.get("longitude", "?"),
        given.get("name"),
        given.get("address"),
    )
    return "\n".join(filter(None, (words, str(given.get("url") or ""))))


def _people(message: Json) -> str:
    return "\n".join(_person(one) for one in listed(message.get("contacts")))


def _person(one: Json) -> str:
    ways = [str(way.get("phone") or way.get("wa_id") or "") for way in listed(one.get("phones"))]
    ways += [str(way.get("email") or "") for way in listed(one.get("emails"))]
    ways += [str(way.get("url") or "") for way in listed(one.get("urls"))]
    name = inner(one, "name").get("formatted_name") or ""
    company = inner(one, "org").get("company") or ""
    return " ".join(word for word in ("👤", str(name), str(company), *ways) if word)


def _button(message: Json) -> str:
    return str(inner(message, "button").get("text") or "")


def _choice(message: Json) -> str:
    """What a client pressed, chose, or filled in."""
    given = inner(message, "interactive")
    chosen = inner(given, str(given.get("type", "")))
    lines = [str(chosen.get(name) or "") for name in ("title", "description", "body")]
    try:
        form = json.loads(chosen.get("response_json") or "{}")
    except (TypeError, ValueError, RecursionError):
        form = {}
    if isinstance(form, dict):
        lines += [f"{name}: {value}" for name, value in form.items() if name != "flow_token"]
    return "\n".join(line for line in lines if line) or f"[{given.get('type') or '?'}]"


def _order(message: Json) -> str:
    given = inner(message, "order")
    lines = [str(given.get("text") or "")]
    for item in listed(given.get("product_items")):
        many, what = item.get("quantity", "?"), item.get("product_retailer_id", "?")
        lines.append(
            f"🛒 {many} × {what}: {item.get('item_price', '?')} {item.get('currency', '')}"
        )
    return "\n".join(line.strip() for line in lines if line)


_WORDS: dict[str, Callable[[Json], str]] = {
    "text": _text,
    "location": _place,
    "contacts": _people,
    "button": _button,
    "interactive": _choice,
    "order": _order,
}


def _advertisement(given: Json) -> str:
    """The advertisement from which a client came."""
    if not given:
        return ""
    return link(given.get("headline"), given.get("body"), given.get("source_url"))


def _product(message: Json) -> str:
    """The product that a client asks about."""
    given = inner(inner(message, "context"), "referred_product")
    return f"🛒 {given.get('product_retailer_id', '?')}" if given else ""
