"""What services tell in JSON, as an event has it: moments, places, links."""

from datetime import UTC, datetime


def moment(value: object, now: datetime, *, per_second: int = 1) -> datetime:
    """A number since 1970, or its digits, as a time that is never later than now.

    Now where it is none.
    """
    try:
        return min(datetime.fromtimestamp(int(value) / per_second, UTC), now)  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError, OSError):
        return now


def place(latitude: object, longitude: object, *names: object) -> str:
    """A place in words, with a map that needs no account."""
    named = ", ".join(str(name) for name in names if name)
    point = f"{latitude}, {longitude}"
    return (
        f"📍 {f'{named} ({point})' if named else point}\n"
        f"https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}"
    )


def link(*words: object) -> str:
    """A link by its title, its address, and whatever else is known of it."""
    return " ".join(["🔗", *(str(word) for word in words if word)])
