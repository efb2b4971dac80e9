"""A calendar invitation as one line (RFC 5545): what, when, where; the file is kept beside it.

Only iCalendar's own words are used, which are the same in every language.
"""

import re
from datetime import datetime

_MAX = 262_144
_LINE = re.compile(r"([A-Za-z-]{1,40})((?:;[^:;\"\r\n]{1,80}=(?:\"[^\"\r\n]*\"|[^:;\r\n]*))*):(.*)")
_ESCAPED = re.compile(r"\\([\\;,nN])")
_ZONE = re.compile(r";TZID=\"?([^\";:]{1,80})", re.IGNORECASE)


def one_line(text: str) -> str | None:
    """``[REQUEST] Brake check · 2026-11-03 10:00–11:00 Europe/Warsaw · Leeds``; None: no event."""
    fields: dict[str, tuple[str, str]] = {}
    method = ""
    inside = False
    depth = 0
    for line in _unfolded(text[:_MAX]):
        found = _LINE.match(line)
        if found is None:
            continue
        name, parameters, value = found.group(1).upper(), found.group(2), found.group(3).strip()
        if name == "METHOD":
            method = value
        elif name == "BEGIN":
            if inside:
                depth += 1  # an alarm within the event
            inside = inside or value.upper() == "VEVENT"
        elif name == "END" and inside:
            if not depth:
                break
            depth -= 1
        elif inside and not depth:
            fields.setdefault(name, (parameters, value))
    if not inside:
        return None
    what = _plain(fields.get("SUMMARY", ("", ""))[1])
    where = _plain(fields.get("LOCATION", ("", ""))[1])
    when = _when(fields.get("DTSTART"), fields.get("DTEND"))
    head = f"[{_plain(method).upper() or 'EVENT'}]"
    return " · ".join(part for part in (f"{head} {what}".strip(), when, where) if part)


def _unfolded(text: str) -> list[str]:
    return re.sub(r"\r?\n[ \t]", "", text).splitlines()


def _plain(value: str) -> str:
    text = _ESCAPED.sub(lambda hit: " " if hit.group(1) in "nN" else hit.group(1), value)
    return " ".join(text.split())[:300]


def _when(start: tuple[str, str] | None, end: tuple[str, str] | None) -> str:
    if start is None or (begins := _moment(start[1])) is None:
        return ""
    zone = _ZONE.search(start[0])
    name = "UTC" if start[1].endswith("Z") else zone.group(1) if zone else ""
    if "T" not in start[1]:
        return f"{begins:%Y-%m-%d}"
    told = f"{begins:%Y-%m-%d %H:%M}"
    ends = _moment(end[1]) if end is not None else None
    if ends is not None and ends != begins:
        told += f"–{ends:%H:%M}" if ends.date() == begins.date() else f" – {ends:%Y-%m-%d %H:%M}"
    return f"{told} {name}".strip()


def _moment(value: str) -> datetime | None:
    text = value.rstrip("Z")
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%S" if "T" in text else "%Y%m%d")
    except ValueError:
        return None
