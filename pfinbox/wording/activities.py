"""Activities as sentences: the store keeps kinds and arguments only (R21)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Who
from pfinbox.i18n import _, ngettext
from pfinbox.store.rows import ActivityRow, Conversation
from pfinbox.wording.names import status_name
from pfinbox.wording.times import Clock


def activity_words(row: ActivityRow, names: Mapping[Who, str], clock: Clock) -> str:
    """One sentence without its time; the caller cleans it, since names come from outside."""
    args = {key: _shown(value, clock) for key, value in row.args.items()}
    if row.kind == "status":
        args["to"] = status_name(str(args.get("to")))
    args["who"] = _who(row.args, names)
    args["by"] = row.by.name if row.by is not None else _("pfinbox")
    kind = row.kind
    if kind == "put_before" and row.args.get("to") is None:
        kind = "put_before_nobody"
    if kind == "woken" and row.args.get("by") == "delivery":
        kind = "woken_by_delivery"
    if kind == "messages_missing" and row.args.get("since") is None:
        kind = "messages_missing_until"
    template = sentences().get(kind)
    if template is None:
        shown = ", ".join(f"{key}: {value}" for key, value in row.args.items())
        return f"{args['by']}: {row.kind} {shown}".rstrip()
    return template.format_map(_Lenient(args))


def changes_words(rows: Sequence[ActivityRow]) -> str:
    """Several activities in a few words: how many, and by whom."""
    names = dict.fromkeys(row.by.name if row.by is not None else _("pfinbox") for row in rows)
    words = ngettext("{n} change by {names}", "{n} changes by {names}", len(rows))
    return words.format(n=len(rows), names=", ".join(names))


def names_in(conversation: Conversation) -> dict[Who, str]:
    """The ids of everybody whom the activity names."""
    people = [*conversation.participants]
    for row in conversation.comments:
        people += [row.author, *row.notified]
    for person in (conversation.task.contact, conversation.task.assignee):
        people += [person] if person else []
    return {person.who: person.name for person in people}


class _Lenient(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def _who(args: Mapping[str, Any], names: Mapping[Who, str]) -> str:
    kind = "contact" if "contact" in args else args.get("kind", "agent")
    ident = args.get("contact", args.get("id", args.get("to")))
    if not isinstance(ident, int):
        return "?"
    who = Who("contact" if kind == "contact" else "agent", ident)
    return names.get(who, f"{kind} {ident}")


def _shown(value: object, clock: Clock) -> object:
    if isinstance(value, dict) and "kind" in value:
        return Reason.from_json(value).sentence()
    if isinstance(value, str) and len(value) >= 19 and value[10:11] == "T":
        try:
            return clock.moment(datetime.fromisoformat(value))
        except ValueError:
            return value
    return value


def sentences() -> dict[str, str]:
    """A sentence for each kind that the services write, in the reader's language."""
    return {
        "created": _("{by} made this task"),
        "topic": _("about {topic}"),
        "greeted": _("greeted at once, by the account's settings: {words}"),
        "title": _("{by} changed the title to “{to}”"),
        "status": _("{by} set the status to {to}"),
        "solved_by_client": _("{who} marked it as solved, on the client's own page"),
        "assigned": _("{by} assigned {who}"),
        "unassigned": _("{by} took the assignee away"),
        "snoozed": _("{by} snoozed it until {until}"),
        "unsnoozed": _("{by} ended the snooze"),
        "woken": _("awake again: the client wrote"),
        "woken_by_delivery": _("awake again: a comment did not arrive"),
        "reopened": _("open again"),
        "reply_via": _("{by} chose the reply channel {to}"),
        "contact": _("{by} set the client"),
        "joined": _("{by} added {who}"),
        "left": _("{by} removed {who}"),
        "participant_wrote": _("{who} wrote here for the first time"),
        "put_before": _("given to {who}, whose colleague is away"),
        "put_before_nobody": _("unassigned: the assignee is away and nobody stands in"),
        "deleted": _("{by} moved it to the trash"),
        "restored": _("{by} took it out of the trash"),
        "delivery_retried": _("{by} sent it again"),
        "delivery_rerouted": _("{by} sent it another way: by {account} {address}"),
        "delivery_dismissed": _("{by} left the failed delivery as it is"),
        "delivery_marked_sent": _("{by} marked the delivery as sent"),
        "delivery_withdrawn": _("{by} withdrew a comment before it left"),
        "chat_opened": _("the chat can be written to again"),
        "merged": _("{by} merged #{other} “{title}” into this task"),
        "merged_into": _("{by} merged this task into #{survivor}"),
        "unmerged": _("{by} took #{other} out again"),
        "unmerged_from": _("{by} took this task out of #{survivor}"),
        "comment_moved": _("{by} moved a message to #{to}"),
        "comment_received": _("{by} moved a message here from #{source}"),
        "purged": _("{by} emptied this task for good"),
        "comments_erased": _("{by} erased a client's data: {count} comments are gone"),
        "spam": _("{by} marked it as spam"),
        "unspam": _("{by} took it out of spam"),
        "handed_over": _("handed over: the assignee was deactivated"),
        "invited": _("{by} made an invitation by {account}"),
        "invitation_used": _("the invitation was followed; the chat joins this task"),
        "invitation_other_card": _(
            "{who} followed the invitation, on another card than the client's; if it is the same"
            " person: contact merge {client} {contact}"
        ),
        "invitation_conflict": _(
            "an invitation to #{survivor} was followed in the chat of #{joining}, another "
            "client's; to make them one: task merge {survivor} {joining} --force"
        ),
        "invitation_stale": _(
            "{who} followed an invitation that is no longer valid and was told so"
        ),
        "address_left": _("the client left an e-mail address, which nobody has proven: {address}"),
        "messages_missing": _("messages between {since} and {until} may be missing: {reason}"),
        "messages_missing_until": _("messages before {until} may be missing: {reason}"),
        "chat_moved": _("the chat goes on under another number"),
        "chat_moved_conflict": _(
            "the chat goes on in #{other} under another number; merge the two to have one task"
        ),
        "file_replaced": _("the client replaced a file; {name} was added, the earlier one is kept"),
        "comment_edited": _("{by} changed a comment that the client has"),
        "comment_deleted": _("{by} deleted a comment that the client has"),
        "hidden": _("{by} hid a comment from clients"),
        "unhidden": _("{by} no longer hides a comment from clients"),
        "chat_closed": _("the chat can no longer be written to: {reason}"),
    }
