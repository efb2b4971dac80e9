"""Several photos sent at once arrive as one update each; here they become one message again."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from pfinbox.channels.telegram.reading.reading import Reading
from pfinbox.domain.contract.incoming import Ignored, Incoming, Message
from pfinbox.domain.contract.reason import Reason

MOST = 10  # https://core.telegram.org/bots/api#sendmediagroup


def runs(readings: Sequence[Reading]) -> Iterator[tuple[int, int]]:
    """Start and end of what belongs together: an album's neighbours, or one update alone."""
    at = 0
    for album, group in groupby(readings, key=lambda reading: reading.album):
        size = len(list(group))
        if album is None:
            yield from ((i, i + 1) for i in range(at, at + size))
        else:
            yield at, at + size
        at += size


def merged(items: Sequence[Incoming]) -> list[Incoming]:
    """One message with all files; each update keeps a receipt of its own.

    The last update carries it: should an album come in two halves around a crash, the second
    half is then new and shown, where the first update would be known and hide it.
    """
    messages = [item.event for item in items if isinstance(item.event, Message)]
    if len(items) < 2 or len(messages) != len(items):
        return list(items)
    # an edit of the caption names the message that has it
    captioned = max(messages, key=lambda message: len(message.text))
    texts = dict.fromkeys(message.text for message in messages if message.text)
    whole = replace(
        captioned,
        also=tuple(m.source_id for m in messages if m is not captioned),
        sent_at=messages[0].sent_at,
        text="\n".join(texts),
        files=tuple(file for message in messages for file in message.files),
        warnings=tuple(warning for message in messages for warning in message.warnings),
        references=next((m.references for m in messages if m.references), ()),
        quote_text=next((m.quote_text for m in messages if m.quote_text), None),
    )
    part = Ignored(reason=Reason("album"))
    return [*(replace(item, event=part) for item in items[:-1]), replace(items[-1], event=whole)]
