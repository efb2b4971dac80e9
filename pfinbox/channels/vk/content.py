"""Attachments: files to be fetched, and words for what is no file.

https://dev.vk.com/en/reference/objects/message; fields may be missing wherever VK likes.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pfinbox.channels.http.told import place
from pfinbox.channels.http.wanted import Wanted

Json = Mapping[str, Any]
_DEEPEST = 5


def attachments(message: Json) -> tuple[list[Wanted], list[str]]:
    """The files, and a line for each thing that is none."""
    files: list[Wanted] = []
    lines: list[str] = []
    for one in _objects(message, "attachments"):
        kind = str(one.get("type", ""))
        value = one.get(kind)
        inner: Json = value if isinstance(value, dict) else {}
        found = _FILES[kind](inner) if kind in _FILES else None
        if found is not None and found.url:
            files.append(found)
        elif kind in _LINES:
            lines.append(_LINES[kind](inner))
        else:
            lines.append(f"[{kind or '?'}]")
    geo = message.get("geo")
    if isinstance(geo, dict):
        lines.append(_place(geo))
    return files, [line for line in lines if line]


def forwarded(message: Json, depth: int = 0) -> tuple[list[Wanted], list[str]]:
    """The files of messages that are passed on, and their lines as quotations."""
    files: list[Wanted] = []
    lines: list[str] = []
    for one in _objects(message, "fwd_messages"):
        own, described = attachments(one)
        deeper, inner = forwarded(one, depth + 1) if depth < _DEEPEST else ([], [])
        files += [*own, *deeper]
        text = str(one.get("text", "")).splitlines()
        lines += [f"> {line}" for line in (*text, *described, *inner)]
    return files, lines


def content(message: Json) -> tuple[list[Wanted], str]:
    """All files of a message, and its words."""
    files, lines = attachments(message)
    passed_on, quoted = forwarded(message)
    text = "\n".join([str(message.get("text", "")), *quoted, *lines]).strip()
    return [*files, *passed_on], text


def _objects(holder: Json, name: str) -> list[Json]:
    given = holder.get(name)
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def _largest(sizes: list[Json]) -> str:
    def area(size: Json) -> int:
        width, height = size.get("width"), size.get("height")
        return width * height if isinstance(width, int) and isinstance(height, int) else 0

    best = max(sizes, key=area, default={})
    return str(best.get("url", ""))


def _photo(photo: Json) -> Wanted:
    original = photo.get("orig_photo")
    url = str(original.get("url", "")) if isinstance(original, dict) else ""
    url = url or _largest(_objects(photo, "sizes"))
    return Wanted(f"photo{photo.get('id', '')}.jpg", "image/jpeg", url)


def _doc(doc: Json) -> Wanted:
    ending = str(doc.get("ext", ""))
    name = str(doc.get("title", "")) or "file"
    if ending and not name.lower().endswith(f".{ending.lower()}"):
        name = f"{name}.{ending}"
    return Wanted(name, "application/octet-stream", str(doc.get("url", "")))


def _voice(voice: Json) -> Wanted:
    url = str(voice.get("link_ogg") or voice.get("link_mp3") or "")
    kind = ("ogg", "audio/ogg") if voice.get("link_ogg") else ("mp3", "audio/mpeg")
    return Wanted(f"voice.{kind[0]}", kind[1], url)


def _sticker(sticker: Json) -> Wanted:
    return Wanted(
        f"sticker{sticker.get('sticker_id', '')}.png",
        "image/png",
        _largest(_objects(sticker, "images")),
    )


def _graffiti(graffiti: Json) -> Wanted:
    return Wanted("graffiti.png", "image/png", str(graffiti.get("url", "")))


_FILES: dict[str, Callable[[Json], Wanted]] = {
    "photo": _photo,
    "doc": _doc,
    "audio_message": _voice,
    "sticker": _sticker,
    "graffiti": _graffiti,
}


def _titled(sign: str, *names: str) -> Callable[[Json], str]:
    def line(value: Json) -> str:
        found = [str(value[name]) for name in names if value.get(name)]
        return " ".join([sign, *found])

    return line


def _owned(sign: str, kind: str) -> Callable[[Json], str]:
    """A thing that has a page at VK."""

    def line(value: Json) -> str:
        owner = value.get("owner_id", value.get("from_id", value.get("to_id", "")))
        title = str(value.get("title") or value.get("question") or value.get("text") or "")
        first = title.splitlines()[0][:200] if title else ""
        return f"{sign} {first} https://vk.com/{kind}{owner}_{value.get('id', '')}".replace(
            "  ", " "
        )

    return line


_LINES: dict[str, Callable[[Json], str]] = {
    "video": _owned("🎬", "video"),
    "wall": _owned("📰", "wall"),
    "wall_reply": _owned("💬", "wall"),
    "market": _owned("🛍", "product"),
    "poll": _owned("📊", "poll"),
    "story": _owned("⏺", "story"),
    "audio": _titled("🎵", "artist", "title"),
    "link": _titled("🔗", "title", "url"),
    "gift": lambda _gift: "🎁",
    "call": lambda _call: "📞",
}


def _place(geo: Json) -> str:
    at = geo.get("coordinates")
    given: Json = at if isinstance(at, dict) else {}
    return place(given.get("latitude", "?"), given.get("longitude", "?"))
