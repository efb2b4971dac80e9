"""What one message says: its text in words and the files that belong to it.

Telegram's kinds of content: https://core.telegram.org/bots/api#message
"""

from collections.abc import Callable

from pfinbox.channels.telegram.reading.described import DESCRIBED, described
from pfinbox.channels.telegram.reading.entities import marked_up
from pfinbox.channels.telegram.reading.fields import Json, full_name, number, obj, objects, words
from pfinbox.record import record


@record
class Wanted:
    """A file to fetch from Telegram; ``size`` is None where it was not told."""

    name: str
    media_type: str
    file_id: str
    size: int | None


@record
class Content:
    text: str
    wanted: tuple[Wanted, ...] = ()
    # Names of fields that hold something which this program does not know.
    unknown: tuple[str, ...] = ()


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Fields around the content. A field that is neither here nor in _KINDS is a content unknown to us.
_ENVELOPE = _names(
    """
    origin message_id message_thread_id direct_messages_topic from sender_chat sender_boost_count
    sender_business_bot sender_tag date guest_query_id business_connection_id chat
    guest_bot_caller_user guest_bot_caller_chat receiver_user ephemeral_message_id
    forward_origin is_topic_message is_automatic_forward reply_to_message external_reply quote
    reply_to_story reply_to_checklist_task_id reply_to_poll_option_id via_bot edit_date
    has_protected_content is_from_offline is_paid_post media_group_id author_signature
    paid_star_count entities link_preview_options suggested_post_info effect_id caption
    caption_entities show_caption_above_media has_media_spoiler reply_markup forward_from
    forward_from_chat forward_from_message_id forward_signature forward_sender_name forward_date
    """
)

# Notices about the chat itself: nobody wrote anything.
SERVICE = _names(
    """
    new_chat_members left_chat_member new_chat_title new_chat_photo delete_chat_photo
    group_chat_created supergroup_chat_created channel_chat_created migrate_to_chat_id
    migrate_from_chat_id pinned_message message_auto_delete_timer_changed write_access_allowed
    chat_background_set forum_topic_created forum_topic_edited forum_topic_closed
    forum_topic_reopened general_forum_topic_hidden general_forum_topic_unhidden boost_added
    video_chat_scheduled video_chat_started video_chat_ended video_chat_participants_invited
    proximity_alert_triggered chat_owner_left chat_owner_changed connected_website
    direct_message_price_changed paid_message_price_changed poll_option_added poll_option_deleted
    suggested_post_approved suggested_post_approval_failed suggested_post_declined
    suggested_post_paid suggested_post_refunded managed_bot_created community_chat_added
    community_chat_removed community_chat_joined giveaway_created giveaway_completed
    """
)


def content_of(message: Json) -> Content:
    """The message's content; an unknown one is named instead of left out."""
    caption = marked_up(message, "caption", "caption_entities")
    for name, read in _KINDS.items():
        if message.get(name) is not None:
            found = read(message, name)
            parts = (found.text, caption)
            return Content("\n".join(part for part in parts if part), found.wanted)
    unknown = tuple(sorted(str(name) for name in message if name not in _ENVELOPE))
    text = caption or ("❔ " + ", ".join(unknown) if unknown else "")
    return Content(text, unknown=unknown)


def origin_line(message: Json, sign: str = "↪ Forwarded from") -> str:
    """Where a forwarded message came from; empty for one that was written here."""
    if message.get("forward_origin") is None:
        return ""
    origin = obj(message, "forward_origin")
    source = obj(origin, "sender_user") or obj(origin, "sender_chat") or obj(origin, "chat")
    name = full_name(source) or words(origin, "sender_user_name")
    username = words(source, "username")
    shown = f"{name} (@{username})" if name and username else name or username
    return f"{sign} {shown}" if shown else sign.removesuffix(" from")


def answered_words(message: Json) -> str:
    """What a reply answers: a message, one of another chat (only its kind is told), a story."""
    if message.get("reply_to_message") is not None:
        return content_of(obj(message, "reply_to_message")).text
    if message.get("reply_to_story") is not None:
        return described({"story": message["reply_to_story"]}, "story")
    elsewhere = obj(message, "external_reply")
    if not elsewhere:
        return ""
    origin = {"forward_origin": elsewhere.get("origin")}
    return "\n".join(
        part for part in (origin_line(origin, "↩ From"), content_of(elsewhere).text) if part
    )


def _text(message: Json, name: str) -> Content:
    return Content(marked_up(message, name, "entities"))


def _photo(message: Json, name: str) -> Content:
    sizes = [size for size in objects(message, name) if words(size, "file_id")]
    if not sizes:
        return Content("")
    largest = max(sizes, key=lambda s: (number(s, "width") or 0) * (number(s, "height") or 0))
    return Content("", (_wanted(message, largest, "photo", "image/jpeg", "jpg"),))


def _file(stem: str, media_type: str, ending: str) -> Callable[[Json, str], Content]:
    def read(message: Json, name: str) -> Content:
        file = obj(message, name)
        if not words(file, "file_id"):
            return Content("")
        return Content("", (_wanted(message, file, stem, media_type, ending),))

    return read


def _wanted(message: Json, file: Json, stem: str, media_type: str, ending: str) -> Wanted:
    made_up = f"{stem}_{words(message, 'message_id') or 0}.{ending}"
    return Wanted(
        name=words(file, "file_name") or made_up,
        media_type=words(file, "mime_type") or media_type,
        file_id=words(file, "file_id"),
        size=number(file, "file_size"),
    )


def _sticker(message: Json, name: str) -> Content:
    sticker = obj(message, name)
    text = words(sticker, "emoji") or "🖼"
    moving = sticker.get("is_animated") is True or sticker.get("is_video") is True
    # a moving one can be seen by hardly any viewer; its thumbnail can
    image = obj(sticker, "thumbnail") if moving else sticker
    if not words(image, "file_id"):
        return Content(text)
    return Content(text, (_wanted(message, image, "sticker", "image/webp", "webp"),))


def _live_photo(message: Json, name: str) -> Content:
    """The picture, and the seconds round it as a film."""
    film = _file("live_photo", "video/mp4", "mp4")(message, name)
    return Content("", (*_photo(message, "photo").wanted, *film.wanted))


def _paid_media(message: Json, name: str) -> Content:
    """What was paid for comes as ordinary files, the rest as previews without any."""
    wanted: list[Wanted] = []
    for number_, media in enumerate(objects(obj(message, name), "paid_media")):
        inner = {"message_id": f"{number(message, 'message_id') or 0}_{number_}", **media}
        for kind in ("live_photo", "photo", "video"):
            if media.get(kind) is not None:
                wanted += _KINDS[kind](inner, kind).wanted
                break
    return Content(described(message, name), tuple(wanted))


def _in_words(message: Json, name: str) -> Content:
    return Content(described(message, name))


# In this order: an animation also comes as a document, a live photo also as a photo.
_KINDS: dict[str, Callable[[Json, str], Content]] = {
    "text": _text,
    "live_photo": _live_photo,
    "animation": _file("animation", "video/mp4", "mp4"),
    "photo": _photo,
    "document": _file("document", "application/octet-stream", "bin"),
    "voice": _file("voice", "audio/ogg", "ogg"),
    "audio": _file("audio", "audio/mpeg", "mp3"),
    "video": _file("video", "video/mp4", "mp4"),
    "video_note": _file("video_note", "video/mp4", "mp4"),
    "sticker": _sticker,
    "paid_media": _paid_media,
    **{name: _in_words for name in DESCRIBED if name != "paid_media"},
}
