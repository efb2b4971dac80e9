"""WhatsApp's templates: listed by the API, and put together again from what was filled in.

https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/overview
The names of places tell where they stand: ``header.1``, ``button.0.1``; those of the body have no
dot.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pfinbox.channels.meta.api import GraphApi
from pfinbox.channels.meta.pieces import Json, inner, listed
from pfinbox.domain.contract.template import FilledTemplate, Template

_PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_MOST = 1000


async def approved(api: GraphApi, business: str) -> tuple[Template, ...]:
    """All approved templates of a WhatsApp business account."""
    found: list[Template] = []
    after = ""
    while len(found) < _MOST:
        query = {"limit": "100", "fields": "name,language,status,category,components"}
        answer = await api.get(f"/{business}/message_templates", **query, **_page(after))
        found += [one for one in map(_template, listed(answer["data"])) if one is not None]
        after = str(inner(inner(answer, "paging"), "cursors").get("after") or "")
        if not after or not inner(answer, "paging").get("next"):
            break
    return tuple(found)


def _page(after: str) -> dict[str, str]:
    return {"after": after} if after else {}


def _template(one: Json) -> Template | None:
    """None where it is not approved."""
    if one.get("status", "APPROVED") != "APPROVED":
        return None
    lines: list[str] = []
    header = ""
    for component in listed(one.get("components")):
        kind = str(component.get("type", "")).upper()
        text = str(component.get("text") or "")
        shown = str(component.get("format", "TEXT")).upper()
        if kind == "HEADER" and shown != "TEXT":
            header = shown.lower()
        elif kind == "HEADER":
            lines.insert(0, _named(text, "header."))
        elif kind == "BUTTONS":
            lines += _buttons(listed(component.get("buttons")))
        elif kind in ("BODY", "FOOTER"):
            lines.append(text)
    return Template(
        str(one.get("name", "")),
        str(one.get("language", "")),
        "\n".join(line for line in lines if line),
        str(one.get("category") or ""),
        header,
    )


def _buttons(buttons: Iterable[Json]) -> list[str]:
    """As the client will see them, one a line."""
    lines = []
    for index, button in enumerate(buttons):
        url = _named(str(button.get("url") or ""), f"button.{index}.")
        words = [str(button.get("text") or ""), url, str(button.get("phone_number") or "")]
        lines.append(f"[{' '.join(word for word in words if word)}]")
    return lines


def _named(text: str, prefix: str) -> str:
    return _PLACE.sub(lambda place: f"{{{{{prefix}{place[1]}}}}}", text)


def message(filled: FilledTemplate, file_id: str, file_name: str) -> dict[str, Any]:
    """The template as a message names it; the file, where there is one, stands above the text."""
    header: dict[str, str] = {}
    body: dict[str, str] = {}
    buttons: dict[str, dict[str, str]] = {}
    for name, value in filled.values.items():
        where, _dot, rest = name.partition(".")
        if where == "header" and rest:
            header[rest] = value
        elif where == "button" and rest:
            index, _dot, place = rest.partition(".")
            buttons.setdefault(index, {})[place] = value
        else:
            body[name] = value
    components: list[dict[str, Any]] = []
    if filled.header:
        file = {"id": file_id} | ({"filename": file_name} if filled.header == "document" else {})
        shown = {"type": filled.header, filled.header: file}
        components.append({"type": "header", "parameters": [shown]})
    elif header:
        components.append({"type": "header", "parameters": _parameters(header)})
    if body:
        components.append({"type": "body", "parameters": _parameters(body)})
    for index, values in sorted(buttons.items()):
        # The end of a button's address has no name.
        given = [{"type": "text", "text": value} for value in values.values()]
        components.append(
            {"type": "button", "sub_type": "url", "index": index, "parameters": given}
        )
    language = {"policy": "deterministic", "code": filled.language}
    told: dict[str, Any] = {"name": filled.name, "language": language}
    return {**told, "components": components} if components else told


def _parameters(values: Mapping[str, str]) -> list[dict[str, str]]:
    """Numbered places in the order of their numbers, others by name."""
    if all(name.isdecimal() for name in values):
        ordered = sorted(values.items(), key=lambda one: int(one[0]))
        return [{"type": "text", "text": value} for _name, value in ordered]
    return [
        {"type": "text", "parameter_name": name, "text": value} for name, value in values.items()
    ]
