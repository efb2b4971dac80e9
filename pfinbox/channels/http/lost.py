"""What a service does not give any more, as something received: kept, and read again alike."""

import json
from datetime import datetime

from pfinbox.domain.contract.gap import Gap
from pfinbox.domain.contract.incoming import Incoming
from pfinbox.domain.contract.reason import Reason


def lost(
    name: str, chat_key: str | None, reason: Reason, since: datetime | None, until: datetime
) -> Incoming:
    """``name`` is the same whenever the same gap is told of."""
    gap = Gap(reason=reason, since=since, until=until, chat_key=chat_key)
    raw = json.dumps({"gap": gap.as_json(), "chat": chat_key}).encode()
    return Incoming(key=f"gap {name}", raw=raw, event=gap)


def read_lost(key: str, raw: bytes) -> Incoming | None:
    """None where these bytes tell of no gap."""
    if not key.startswith("gap "):
        return None
    try:
        kept = json.loads(raw)
        chat = kept["chat"]
        gap = Gap.from_json(kept["gap"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    since, until = gap.since, gap.until
    return lost(key.removeprefix("gap "), chat and str(chat), gap.reason, since, until)
