"""Rows as JSON, in the shapes that scripts rely on: kinds and arguments, never sentences."""

from collections.abc import Sequence
from typing import Any

from pfinbox.cli.shell.output import utc
from pfinbox.domain.contract.reason import Reason
from pfinbox.services.comments.templates import Listed
from pfinbox.store.rows import (
    AccountRow,
    ActivityRow,
    AgentRow,
    CannedRow,
    ChatRow,
    CommentRow,
    ContactRow,
    Conversation,
    DeliveryRow,
    Person,
    PictureRow,
    QuarantineRow,
    TaskRow,
)


def person(who: Person | None) -> dict[str, Any] | None:
    """An agent or a contact; an author whom nobody knows by name has no id."""
    if who is None:
        return None
    return {"kind": who.kind, "id": who.id or None, "login": who.login, "name": who.name}


def reason(why: Reason | None) -> dict[str, Any] | None:
    return why.as_json() if why is not None else None


def task(
    row: TaskRow, chats: Sequence[ChatRow] = (), participants: Sequence[Person] = ()
) -> dict[str, Any]:
    client = row.contact
    return {
        "id": row.id,
        "title": row.title,
        "status": row.status,
        "active": row.active,
        "account": row.account,
        "channel": row.channel,
        "chats": [{"account": chat.account, "key": chat.key} for chat in chats],
        "contact": {"id": client.id, "name": client.name} if client is not None else None,
        "assignee": person(row.assignee),
        "participants": [person(one) for one in participants],
        "tags": list(row.tags),
        "unread": row.unread,
        "waiting_since": utc(row.waiting_since),
        "previous_task_id": row.previous_task_id,
        "merged_into_id": row.merged_into_id,
        "deleted_at": utc(row.deleted_at),
        "snoozed_until": utc(row.snoozed_until),
        "created_at": utc(row.created_at),
        "last_activity_at": utc(row.last_activity_at),
    }


def conversation(shown: Conversation) -> dict[str, Any]:
    return {
        **task(shown.task, shown.chats, shown.participants),
        "comments": [comment(row) for row in shown.comments],
        "activities": [activity(row) for row in shown.activities],
    }


def comment(row: CommentRow) -> dict[str, Any]:
    quote = row.quote
    return {
        "id": row.id,
        "direction": row.direction,
        "author": person(row.author),
        "text": row.text,
        "quote": {"comment_id": quote[0], "text": quote[1]} if quote is not None else None,
        "created_at": utc(row.created_at),
        "edits": [{"text": text, "at": utc(at)} for text, at in row.edits],
        "edited_at": utc(row.edited_at),
        "deleted_at": utc(row.deleted_at),
        "hidden": row.hidden,
        "automatic": row.automatic,
        "verified": row.verified,
        "sent_elsewhere": row.sent_elsewhere,
        "source_id": row.source_id,
        "origin_task_id": row.origin_task_id,
        "matched_by": reason(row.matched_by),
        "notified": [person(one) for one in row.notified],
        "attachments": [
            {
                "id": file.id,
                "name": file.name,
                "media_type": file.media_type,
                "size": file.size,
                "sha256": file.sha256,
                **({"removed_at": utc(file.removed_at)} if file.removed_at else {}),
            }
            for file in row.attachments
        ],
        "deliveries": [delivery(one) for one in row.deliveries],
        "reactions": [{"name": name, "signs": list(signs)} for name, signs in row.reactions],
        "amendments": [
            {
                "account": one.account,
                "kind": one.kind,
                "state": one.state,
                "error": reason(one.error),
            }
            for one in row.amendments
        ],
    }


def delivery(row: DeliveryRow) -> dict[str, Any]:
    """A delivery as it stands at its comment."""
    who = row.recipient
    by_template = {"template": row.template} if row.template is not None else {}
    return by_template | {
        "id": row.id,
        "recipient": {"kind": who.kind, "id": who.id or None, "name": who.name},
        "account": row.account,
        "channel": row.channel,
        "address": row.address,
        "state": row.state,
        "attempts": row.attempts,
        "error": reason(row.error),
        "source_id": row.source_id,
        "due_at": utc(row.due_at),
        "sent_at": utc(row.sent_at),
    }


def outbox_item(row: DeliveryRow) -> dict[str, Any]:
    return {**delivery(row), "task_id": row.task_id, "comment_id": row.comment_id}


def template(row: Listed) -> dict[str, Any]:
    one = row.template
    return {
        "account": row.account,
        "name": one.name,
        "language": one.language,
        "category": one.category,
        "header": one.header,
        "text": one.text,
        "parameters": list(one.parameters),
    }


def activity(row: ActivityRow) -> dict[str, Any]:
    return {"kind": row.kind, "args": row.args, "at": utc(row.at), "by": person(row.by)}


def _picture(row: PictureRow | None) -> dict[str, Any]:
    """Named only where a service has shown one."""
    if row is None:
        return {}
    about = {"media_type": row.media_type, "size": row.size, "sha256": row.sha256}
    return {"picture": {**about, "fetched_at": utc(row.fetched_at)}}


def card(row: ContactRow) -> dict[str, Any]:
    """A card without its tasks."""
    return {
        "id": row.id,
        "name": row.name,
        "company": row.company,
        "selectable": row.selectable,
        "portal": row.portal,
        "addresses": [
            {
                "id": one.id,
                "channel": one.channel,
                "account": one.account,
                "value": one.value,
                "username": one.username,
                "main": one.main,
                **_picture(one.picture),
            }
            for one in row.addresses
        ],
        "notes": row.notes,
        "merged_into_id": row.merged_into_id,
    }


def agent(row: AgentRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "login": row.login,
        "name": row.name,
        "public_name": row.public_name,
        "email": row.email,
        "admin": row.admin,
        "active": row.active,
        "away_until": utc(row.away_until),
        "deputy": row.deputy,
        "notices": "mail" if row.notify_by_mail else "off",
    }


def account(row: AccountRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "channel": row.channel,
        "state": row.state,
        "detail": reason(row.detail),
        "last_received_at": utc(row.last_received_at),
        "public_name": row.public_name,
        "gap": row.gap.as_json() if row.gap else None,
    }


def canned(row: CannedRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "folder": row.folder,
        "text": row.text,
        "mine": row.own,
    }


def quarantined(row: QuarantineRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "account": row.account,
        "received_at": utc(row.received_at),
        "size": row.size,
        "reason": reason(row.reason),
    }
