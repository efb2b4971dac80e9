"""What the channel itself notices beside the events of rooms, as things received."""

import json
from dataclasses import asdict
from datetime import datetime

from pfinbox.channels.http.lost import lost
from pfinbox.channels.http.told import moment
from pfinbox.channels.matrix.rights import Right
from pfinbox.channels.matrix.synced import Gap, Seen
from pfinbox.domain.contract.incoming import ChatState, Fate, Incoming, Report
from pfinbox.domain.contract.reason import Reason


def missing(gap: Gap, now: datetime) -> Incoming:
    until = moment(gap.until, now, per_second=1000) if gap.until else now
    return lost(f"{gap.since} {gap.room}", gap.room, gap.reason, None, until)


def right(told: Right, now: datetime) -> Incoming:
    reason = None if told.may_write else Reason("may_only_read")
    at = moment(told.at, now, per_second=1000)
    return Incoming(
        key=f"right {told.event_id}",
        raw=json.dumps({"right": asdict(told)}).encode(),
        event=ChatState(chat_key=told.room, writable=told.may_write, reason=reason, at=at),
    )


def report(seen: Seen, now: datetime) -> Incoming:
    at = moment(seen.at, now, per_second=1000)
    raw = json.dumps({"seen": asdict(seen)}).encode()
    until = moment(seen.until, now, per_second=1000) if seen.until else None
    event = Report(source_id=seen.event_id, fate=Fate.SEEN, at=at, chat_key=seen.room, until=until)
    return Incoming(key=f"seen {seen.event_id} {seen.user}", raw=raw, event=event)
