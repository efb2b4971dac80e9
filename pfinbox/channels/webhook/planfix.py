"""Planfix's ``newMessage`` in our own form.

Its fields: https://planfix.com/help/API_commands_and_script_examples. It has no id and no time of
its own: a message is known by all that it says and the minute in which it came.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any


def from_planfix(given: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The item; its token stays out of what is kept."""
    first, last = given.get("contactName"), given.get("contactLastName")
    contact = {
        "id": given.get("contactId"),
        "name": " ".join(str(one) for one in (first, last) if one),
        "email": given.get("contactEmail"),
        "phone": given.get("contactPhone"),
    }
    item = {
        "event": "message",
        "chat": given.get("chatId") or given.get("contactId"),
        "text": given.get("message"),
        "title": given.get("title"),
        "contact": {name: value for name, value in contact.items() if value},
        "files": _planfix_files(given),
        # Two of the same words within a minute are one message that was sent twice.
        "minute": now.strftime("%Y-%m-%dT%H:%M"),
    }
    if str(given.get("isEcho", "")).lower() not in ("", "0", "false", "none"):
        item |= {"echo": True, "author": given.get("userEmail")}
    return item


def _planfix_files(given: Mapping[str, Any]) -> list[dict[str, str]]:
    listed = given.get("attachments")
    if isinstance(listed, dict):
        listed = [listed]
    if isinstance(listed, list):
        return [
            {"name": str(one.get("name") or "file"), "url": str(one.get("url") or "")}
            for one in listed
            if isinstance(one, dict)
        ]
    names, urls = given.get("attachments[name]", []), given.get("attachments[url]", [])
    return [
        {"name": names[place] if place < len(names) else "file", "url": url}
        for place, url in enumerate(urls)
    ]
