"""The outgoing envelope of one part, from what the store knows when it is about to leave.

Recipients and texts were frozen when the comment was saved; what the thread looks like by now
(references, subject) is read when the delivery is claimed.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.outgoing import Forwarded, Outgoing
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.template import FilledTemplate
from pfinbox.domain.outbound.delivery import State
from pfinbox.record import record

# RFC 5322 sets no limit; mail programs need the beginning of a thread and its end.
MAX_REFERENCES = 30


@record
class Quote:
    """The answered message; ``text`` is None where its words do not go along."""

    source_id: str | None
    text: str | None
    author: str
    at: datetime


@record
class Recipient:
    """One delivery of the comment on the part's account."""

    delivery_id: int
    address: str
    state: str


@record(kw_only=True)
class Draft:
    """What a part is built from; ``content`` is as the part's row holds it."""

    part_id: int
    nonce: str
    content: Mapping[str, Any]
    source_id: str | None
    chat_id: int | None
    chat_key: str | None
    # What the chat's client is called by at the other side.
    username: str | None
    # The chat's subject, else the task's title.
    subject: str | None
    created_at: datetime
    automatic: bool
    agent_name: str
    recipients: tuple[Recipient, ...]
    # Source ids of the chat's other messages, oldest first, with whether each came in.
    thread: tuple[tuple[str, bool], ...]
    quote: Quote | None


def words(content: Mapping[str, Any]) -> str:
    """What a part says, of its row's ``content``."""
    return "\n\n".join(filter(None, (content["text"], content["link"])))


def outgoing(draft: Draft, delivery_ids: tuple[int, ...], files: tuple[File, ...] = ()) -> Outgoing:
    """The envelope of the part for these of its deliveries."""
    to, cc, only = _recipients(draft, delivery_ids)
    thread, quote = draft.thread, draft.quote
    answers = quote.source_id if quote is not None and quote.source_id else None
    if answers is None and thread:
        answers = next((i for i, incoming in reversed(thread) if incoming), thread[-1][0])
    ids = [source_id for source_id, _incoming in thread]
    references = (ids[:1] + ids[-(MAX_REFERENCES - 1) :]) if len(ids) > MAX_REFERENCES else ids
    subject = draft.subject or ""
    return Outgoing(
        chat_key=draft.chat_key,
        to=to,
        text=words(draft.content),
        created_at=draft.created_at,
        cc=cc,
        only=only,
        source_id=draft.source_id,
        subject=_answer(subject) if thread or answers else subject,
        files=files,
        in_reply_to=answers,
        references=tuple(references),
        quote_source_id=quote.source_id if quote is not None else None,
        quote_text=quote.text if quote is not None else None,
        quote_author=quote.author if quote is not None else "",
        quoted_at=quote.at if quote is not None else None,
        forwarded=tuple(Forwarded.from_json(one) for one in draft.content["forwarded"]),
        reply_token=f"c{draft.chat_id}" if draft.chat_id is not None else None,
        sender_name=draft.agent_name,
        template=_template(draft),
        automatic=draft.automatic,
        no_bounce=draft.automatic,
    )


def _template(draft: Draft) -> FilledTemplate | None:
    given = draft.content.get("template")
    return FilledTemplate.from_json(given) if given else None


def _recipients(
    draft: Draft, delivery_ids: tuple[int, ...]
) -> tuple[tuple[Party, ...], tuple[Party, ...], tuple[str, ...]]:
    """The parties in To and Cc, and who of them gets this copy.

    Who was refused and is tried again alone gets the same mail, with everybody's name on it; who
    does not get it at all is not named.
    """
    rows, content = draft.recipients, draft.content
    only = tuple(dict.fromkeys(row.address for row in rows if row.delivery_id in delivery_ids))
    named = {row.address for row in rows if row.state not in (State.WITHDRAWN, State.HELD)}
    to = [_party(draft, one) for one in content["to"] if one["value"] in named]
    cc = [Party(one["value"], one["name"]) for one in content["cc"] if one["value"] in named]
    # One address may stand on two cards.
    to = list({party.value: party for party in to}.values())
    cc = list({p.value: p for p in cc if p.value not in {one.value for one in to}}.values())
    listed = {party.value for party in (*to, *cc)}
    to += [Party(value) for value in only if value not in listed]
    if not to:
        to, cc = cc[:1], cc[1:]
    return tuple(to), tuple(cc), only


def _party(draft: Draft, one: Mapping[str, Any]) -> Party:
    username = draft.username if one["value"] == draft.chat_key else None
    return Party(one["value"], one["name"], username)


def _answer(subject: str) -> str:
    return subject if subject[:3].lower() == "re:" else f"Re: {subject}"
