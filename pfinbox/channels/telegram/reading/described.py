"""Kinds of content without a text of their own, in words: a sign, and what the sender would see.

https://core.telegram.org/bots/api#message; an amount's currency ``XTR`` is Telegram Stars.
"""

from collections.abc import Callable, Iterator

from pfinbox.channels.telegram.reading.fields import Json, full_name, number, obj, objects, words

_MOST = 200  # lines of a list, blocks of a rich message
_DEEPEST = 20


def described(message: Json, name: str) -> str:
    """The words for the content under ``name``; the name itself where nothing more is known."""
    return _KINDS[name](obj(message, name)) or name


def _place(place: Json) -> str:
    lat, lon = words(place, "latitude"), words(place, "longitude")
    return f"{lat}, {lon}\nhttps://www.openstreetmap.org/?mlat={lat}&mlon={lon}"


def _location(place: Json) -> str:
    return "📍 " + _place(place)


def _venue(venue: Json) -> str:
    names = (words(venue, "title"), words(venue, "address"))
    return "📍 " + "\n".join([*(n for n in names if n), _place(obj(venue, "location"))])


def _contact(contact: Json) -> str:
    return "👤 " + _listed(full_name(contact), words(contact, "phone_number"))


def _poll(poll: Json) -> str:
    options = (words(option, "text") for option in objects(poll, "options")[:_MOST])
    return "\n".join([f"📊 {words(poll, 'question')}", *(f"- {o}" for o in options)])


def _dice(dice: Json) -> str:
    return f"{words(dice, 'emoji') or '🎲'} {words(dice, 'value')}".strip()


def _checklist(checklist: Json) -> str:
    return "\n".join([f"☑ {words(checklist, 'title')}", *_tasks(checklist)])


def _tasks(holder: Json) -> Iterator[str]:
    for task in objects(holder, "tasks")[:_MOST]:
        done = "x" if number(task, "completion_date") else " "
        yield f"[{done}] {words(task, 'text')}"


def _tasks_done(news: Json) -> str:
    texts = {
        number(task, "id"): words(task, "text")
        for task in objects(obj(obj(news, "checklist_message"), "checklist"), "tasks")
    }
    lines: list[str] = []
    for field, mark in (("marked_as_done_task_ids", "x"), ("marked_as_not_done_task_ids", " ")):
        ids = news.get(field)
        for ident in ids[:_MOST] if isinstance(ids, list) else ():
            known = texts.get(ident) if isinstance(ident, int) else None
            lines.append(f"[{mark}] {known or ident}")
    return "\n".join(["☑ checklist", *lines])


def _tasks_added(news: Json) -> str:
    return "\n".join(["☑ checklist +", *_tasks(news)])


def _story(story: Json) -> str:
    chat = obj(story, "chat")
    username, ident = words(chat, "username"), words(story, "id")
    link = f"https://t.me/{username}/s/{ident}" if username and ident else ""
    return _joined("📖 story", full_name(chat), link)


def _paid_media(info: Json) -> str:
    kinds = (words(media, "type") for media in objects(info, "paid_media"))
    return _joined(f"⭐ paid media, {words(info, 'star_count')} XTR:", _listed(*kinds))


def _gift(info: Json) -> str:
    gift = obj(info, "gift")
    sticker = words(obj(gift, "sticker"), "emoji")
    stars = words(gift, "star_count")
    head = _joined("🎁 gift", sticker, f"{stars} XTR" if stars else "")
    return _lines(head, words(info, "text"))


def _unique_gift(info: Json) -> str:
    gift = obj(info, "gift")
    count = words(gift, "number")
    head = _joined("🎁 gift", words(gift, "base_name"), f"#{count}" if count else "")
    return _lines(head, words(info, "text"))


def _giveaway(info: Json) -> str:
    channels = _listed(*(full_name(chat) for chat in objects(info, "chats")))
    prize = words(info, "prize_description")
    count = words(info, "winner_count")
    head = _joined("🎉 giveaway", channels, f"({count})" if count else "")
    return _lines(head, prize)


def _winners(info: Json) -> str:
    names = _listed(*(full_name(user) for user in objects(info, "winners")[:_MOST]))
    return _joined("🎉 giveaway winners:", names or words(info, "winner_count"))


def _invoice(invoice: Json) -> str:
    head = _joined("🧾", words(invoice, "title"), _amount(invoice))
    return _lines(head, words(invoice, "description"))


def _paid(payment: Json) -> str:
    return _joined("💳 paid", _amount(payment), words(payment, "telegram_payment_charge_id"))


def _refunded(payment: Json) -> str:
    return _joined("💳 refunded", _amount(payment), words(payment, "telegram_payment_charge_id"))


def _amount(payment: Json) -> str:
    """In the currency's smallest units, as Telegram counts: how many make a whole one differs."""
    amount, currency = words(payment, "total_amount"), words(payment, "currency")
    if not amount:
        return ""
    return f"{amount} XTR" if currency == "XTR" else f"{amount} ({currency}, smallest units)"


def _game(game: Json) -> str:
    return _lines(_joined("🎮", words(game, "title")), words(game, "description"))


def _users_shared(shared: Json) -> str:
    people = (_listed(full_name(one), words(one, "user_id")) for one in objects(shared, "users"))
    return _joined("👤", "; ".join(people))


def _chat_shared(shared: Json) -> str:
    return _joined("👥", _listed(words(shared, "title"), words(shared, "chat_id")))


def _web_app(data: Json) -> str:
    return _lines(_joined("🌐", words(data, "button_text")), words(data, "data"))


def _passport(_data: Json) -> str:
    # encrypted for the bot's own key, which pfinbox has not
    return "🪪 Telegram Passport"


def _rich(rich: Json) -> str:
    """Every text in the blocks, in order: the layout is lost, no word is."""
    blocks = objects(rich, "blocks")[:_MOST]
    return "\n".join(line for block in blocks if (line := "".join(_texts(block, 0)).strip()))


def _texts(value: object, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for one in value[:_MOST]:
            yield from ([one] if isinstance(one, str) else _texts(one, depth + 1))
    elif isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, str):
                if name in ("text", "caption", "url", "emoji", "alternative_text", "expression"):
                    yield inner + (" " if name != "text" else "")
            else:
                yield from _texts(inner, depth + 1)


def _listed(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)


_KINDS: dict[str, Callable[[Json], str]] = {
    # a venue also comes as a location
    "venue": _venue,
    "location": _location,
    "contact": _contact,
    "poll": _poll,
    "dice": _dice,
    "checklist": _checklist,
    "checklist_tasks_done": _tasks_done,
    "checklist_tasks_added": _tasks_added,
    "story": _story,
    "paid_media": _paid_media,
    "gift": _gift,
    "gift_upgrade_sent": _gift,
    "unique_gift": _unique_gift,
    "giveaway": _giveaway,
    "giveaway_winners": _winners,
    "invoice": _invoice,
    "successful_payment": _paid,
    "refunded_payment": _refunded,
    "game": _game,
    "users_shared": _users_shared,
    "chat_shared": _chat_shared,
    "web_app_data": _web_app,
    "passport_data": _passport,
    "rich_message": _rich,
}
DESCRIBED = tuple(_KINDS)
