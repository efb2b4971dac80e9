"""Whether somebody is there to answer a visitor, and when somebody is."""

from datetime import datetime

from pfinbox.services.chat import reading
from pfinbox.services.inbox import ProgramInbox
from pfinbox.web.site import Chat


async def is_away(inbox: ProgramInbox, chat: Chat, now: datetime) -> bool:
    """Outside the hours nobody is expected, and within them nobody is promised."""
    if chat.hours is not None and not chat.hours.includes(now):
        return True
    return not await inbox.read(reading.anybody, chat.account)


def back_at(chat: Chat, now: datetime) -> datetime | None:
    """When somebody answers again; None where no hours say so."""
    if chat.hours is None or chat.hours.includes(now):
        return None
    return chat.hours.next_opening(now)
