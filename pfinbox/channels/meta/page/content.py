"""What a message of Messenger or Instagram holds, as words and files.

https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks
"""

from collections.abc import Iterator

from pfinbox.channels.http.told import link, place
from pfinbox.channels.http.wanted import Wanted
from pfinbox.channels.meta.pieces import Json, inner, listed
from pfinbox.domain.contract.reason import Reason
from pfinbox.record import record

# Files whose address is good for a while.
_FILES = {
    "image": ("photo.jpg", "image/jpeg"),
    "video": ("video.mp4", "video/mp4"),
    "audio": ("voice.mp4", "audio/mp4"),
    "file": ("file", "application/octet-stream"),
    "sticker": ("sticker.png", "image/png"),
    "story_mention": ("story", "application/octet-stream"),
    "ephemeral": ("photo.jpg", "image/jpeg"),
}
# What somebody else published.
_SHARED = ("fallback", "share", "post", "ig_post", "reel", "ig_reel", "ig_story", "story")


@record
class Content:
    """All that a message says."""

    text: str
    files: tuple[Wanted, ...] = ()
    warnings: tuple[Reason, ...] = ()


def content(message: Json) -> Content:
    lines = [str(message.get("text") or "")]
    files: list[Wanted] = []
    for one in _attachments(message):
        kind, payload = str(one.get("type", "?")), inner(one, "payload")
        url = payload.get("url") or one.get("url")
        if kind in _FILES and isinstance(url, str) and url:
            name, media_type = _FILES[kind]
            files.append(Wanted(_name(url, name), media_type, url))
            lines += ["[story]"] if kind == "story_mention" else []
        elif kind == "location":
            point = inner(payload, "coordinates")
            lines.append(place(point.get("lat", "?"), point.get("long", "?"), one.get("title")))
        elif kind in _SHARED:
            lines.append(link(payload.get("title") or one.get("title"), url))
        elif kind == "template":
            lines.append(_template(payload, one))
        else:
            lines.append(f"[{kind}]")
    story = inner(inner(message, "reply_to"), "story")
    if story.get("url"):
        lines.append("↩ [story]")
        files.append(Wanted("story", "application/octet-stream", str(story["url"])))
    lines.append(advertisement(inner(message, "referral")))
    warnings: tuple[Reason, ...] = ()
    if message.get("is_unsupported"):
        lines.append("[?]")
        warnings = (Reason("unsupported", {"detail": "is_unsupported"}),)
    return Content("\n".join(line for line in lines if line), tuple(files), warnings)


def advertisement(given: Json) -> str:
    """The advertisement or the shop's product from which a client came."""
    ad = inner(given, "ads_context_data")
    product = inner(given, "product")
    if not ad and not product:
        return ""
    return link(ad.get("ad_title"), product.get("id"), ad.get("photo_url") or ad.get("video_url"))


def _attachments(message: Json) -> Iterator[Json]:
    """A sticker stands there twice for a while: as itself, and as the image that it was."""
    given = listed(message.get("attachments"))
    stickers = {inner(one, "payload").get("url") for one in given if one.get("type") == "sticker"}
    for one in given:
        if one.get("type") == "image" and inner(one, "payload").get("url") in stickers:
            continue
        yield one


def _template(payload: Json, one: Json) -> str:
    """What a page has sent with buttons: its titles."""
    shown = [one.get("title"), payload.get("text"), payload.get("title")]
    shown += [part.get(name) for part in listed(payload.get("elements")) for name in _SHOWN]
    return "\n".join(str(words) for words in shown if words) or "[template]"


_SHOWN = ("title", "subtitle", "item_url")


def _name(url: str, name: str) -> str:
    """The file's own name, where its address ends with one."""
    last = url.partition("?")[0].rpartition("/")[2]
    return last if "." in last[1:] and len(last) <= 150 else name
