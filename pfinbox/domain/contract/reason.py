"""Why something happened or cannot happen: a kind and arguments, as it is stored and put in JSON.

The sentence for a person is made only when it is shown, in the reader's language.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from pfinbox.domain.text.cleaning import clean_value
from pfinbox.i18n import _
from pfinbox.record import record


@record
class Reason:
    """``kind`` is a stable word (``"no_route"``); ``args`` are JSON values, never sentences."""

    kind: str
    args: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As it is stored and shown: what another program said in it is harmless from here on."""
        return {"kind": self.kind, "args": clean_value(self.args)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Reason":
        return cls(str(value["kind"]), dict(value.get("args") or {}))

    def sentence(self) -> str:
        """One sentence in the reader's language; an unknown kind shows itself and its arguments."""
        template = _sentences().get(self.kind)
        if template is None:
            shown = ", ".join(f"{key}: {value}" for key, value in self.args.items())
            return f"{self.kind} ({shown})" if shown else self.kind
        return template.format_map(_Lenient(self.args))


class _Lenient(dict[str, Any]):
    """A missing argument shows as ``?``: a sentence must never fail for what a channel left out."""

    def __missing__(self, key: str) -> str:
        return "?"


def _sentences() -> dict[str, str]:
    """All kinds with their sentences; a function because the language may change while we run."""
    return {
        # a channel says no
        "auth_failed": _("the server refused the sign-in: {detail}"),
        "app_password_needed": _(
            "{host} wants an app password, made for this program alone in the mailbox's own"
            " security settings: {detail}"
        ),
        "access_off": _(
            "{host} lets no program in: IMAP and SMTP have to be switched on in the mailbox's own"
            " settings, and often an app password is needed too: {detail}"
        ),
        "browser_needed": _("{host} wants its owner to sign in with a browser first: {detail}"),
        "token_needed": _(
            '{host} takes no passwords: set auth = "xoauth2" and a command that prints an access'
            " token ({detail})"
        ),
        "token_refused": _(
            "{host} refused the access token; it must be a fresh one, for this very mailbox and"
            " with the right scope: {detail}"
        ),
        "mailbox_not_connected": _(
            "{host} let us in but has no mailbox for us: is the token for this very mailbox, and"
            " IMAP switched on for it? ({detail})"
        ),
        "server_busy": _("{host} has too much to do and asks to come back later: {detail}"),
        "mailbox_full": _("the mailbox of {address} is full: {detail}"),
        "agent_missing": _(
            "the configuration names agents who do not exist: {names}; add them with pfinbox agent"
            " add, or correct owner and agents there"
        ),
        "secret_unreadable": _("the password or token cannot be read: {detail}"),
        "token_ran_out": _("the access token has run out; the daemon renews it"),
        "connection_failed": _("{host} cannot be reached: {detail}"),
        "tls_failed": _("the secure connection to {host} failed: {detail}"),
        "smtp_not_spoken": _("what answers at {host} is no mail server, or speaks nonsense"),
        "tls_not_spoken": _(
            'there is no TLS at {host}: another port may be right, or tls = "starttls"'
        ),
        "server_error": _("the server answered: {detail}"),
        "folder_refused": _("the server does not open the folder {folder}: {detail}"),
        "rate_limited": _("the channel asks to wait {seconds} s"),
        "rejected": _("refused by the other side: {detail}"),
        "address_unknown": _("the address does not exist: {detail}"),
        "blocked_by_client": _("the client has blocked this account"),
        "chat_gone": _("the chat no longer exists"),
        "chat_moved": _("the chat goes on under another number"),
        "access_withdrawn": _("the account's owner no longer lets us write in this chat"),
        "may_only_read": _("whoever has made this room lets us read in it only"),
        "other_poller": _("another program reads this account with the same token"),
        "webhook_set": _(
            "another program's webhook takes the messages; pfinbox removes it when it starts"
        ),
        "group_privacy": _(
            "in groups the bot sees only what is said to it: @BotFather's /setprivacy changes that"
        ),
        "outcome_unknown": _("the connection broke after the message was handed over: {detail}"),
        "crashed_while_sending": _("the daemon stopped while this was being handed over"),
        "bounced": _("came back as undeliverable: {detail}"),
        "internal_error": _("pfinbox failed at it: {detail}"),
        # the daemon itself
        "daemon_silent": _("nobody serves it: the daemon on {host} (pid {pid}) gives no sign"),
        "unserved": _("nobody serves it: no daemon that runs has it in its configuration"),
        "not_stored": _("what arrives cannot be stored: {detail}"),
        "disk_full": _("the disk is full: nothing can be stored in {folder}"),
        # limits
        "file_too_large": _("{name} is too large for this channel: {size} of {limit} bytes"),
        "file_type_refused": _("{name}: of files this channel takes {types} only"),
        "text_too_long": _("the text is longer than this channel takes"),
        "mail_too_large": _("the mail is larger than this account accepts ({size} bytes)"),
        "file_removed": _("{name} was removed on {day}: files are kept for so long only"),
        "file_not_fetched": _("{name} could not be fetched: {detail}"),
        # an agent's answer by e-mail that goes to nobody (R22)
        "answer_to_nothing": _("the comment that it answers was taken back or deleted"),
        "answer_revoked": _("this answer address was revoked"),
        "answer_expired": _("the answer address is older than {days} days"),
        "answer_moved": _("the comment answered was moved to another task"),
        "answer_from_another": _("it came from {address}, not from the agent's own address"),
        "answer_unprovable": _(
            "who sent it cannot be proven: the account has no authserv_id, see config.example.toml"
        ),
        "answer_unaddressed": _("it was not sent to the answer address of the notice"),
        "answer_unproven": _("the mail server did not prove who sent it (dmarc=pass)"),
        "answer_no_access": _("its author may not see the task any more"),
        "answer_empty": _("nothing was written above the quoted notice"),
        "answer_quotes": _("it quotes what colleagues said among themselves"),
        "answer_refused": _("it was refused: {detail}"),
        "answer_automatic": _("a program's answer to a notice, or a copy of a sent one"),
        # reading
        "unreadable": _("this message could not be read: {detail}"),
        "history_refused": _("the service does not give what was written in {chat}: {detail}"),
        "history_too_long": _("more was written in {chat} than is read again"),
        "not_kept": _("the service keeps messages for {hours} h only"),
        "unsupported": _("a kind of message that pfinbox does not know yet: {detail}"),
        "forwarded": _("forwarded by {by}; nothing proves who wrote it, and when ({date})"),
        "forward_unclear": _("it seems to be forwarded, but whose mail it was cannot be told"),
        "read_later": _("it takes long to read; it is read while other messages go on"),
        "too_slow": _("reading it took longer than {seconds} s"),
        "catching_up": _("{left} messages still to read"),
        "text_shortened": _("only the first {kept} characters of its text are shown"),
        "parts_left_out": _("it has more parts than pfinbox reads; the original is kept whole"),
        # routes
        "no_route": _("there is no channel to reach {name} by"),
        "no_address": _(
            "{name} wrote from no address that could be answered; add one to the card first"
        ),
        "no_mail_account": _("no e-mail account is configured to send from"),
        "not_in_task": _("{name} is not part of this task"),
        "address_not_theirs": _("{address} is not an address of {name}"),
        "chat_closed": _("{name} can no longer be written to in this chat"),
        "via_unavailable": _("{name} has no chat or address on account {account}"),
        "other_channel": _("the answer goes by {account}, unlike the message answered"),
        "account_down": _("account {account} is not working at the moment"),
        "cannot_write_first": _("{account} cannot write first: {name} has to, or be invited"),
        "with_a_colleague": _("{name} is in a conversation that you may not see"),
        "goes_on_in": _("this task is finished and the chat goes on in #{task}; write there"),
        "quote_unseen": _("the words quoted were not said to {names}"),
        "joined_apart": _(
            "{name} joined by an invitation on a card of their own; if that is the client: "
            "contact merge {client} {joined}"
        ),
        "nobody_notified": _("nobody will be notified"),
        "new_here": _("new here: {name} <{address}>"),
        "duplicate_address": _("{address} is on several cards; the first one is used"),
        # holding back (R18)
        "client_wrote": _("the client has written since"),
        "task_deleted": _("the task was deleted"),
        "contact_blocked": _("the contact is blocked"),
        "channel_changed": _("the reply channel has changed since"),
        "quote_elsewhere": _("the message that it quotes is in another task by now"),
        "author_deactivated": _("its author was deactivated"),
        "missed_by": _("its time passed {hours} h ago while nothing was running"),
        "restored": _("it waited in a database that was restored or moved; it may have gone out"),
        # why nothing is sent at all
        "database_older": _("the database is older than what was sent: {n} hand-overs are missing"),
        "database_moved": _("the database has moved here from {host}"),
        "stamp_missing": _("the stamp that tells how much was sent is missing"),
        "backup_restored": _("a backup of {made_at} was restored"),
        "database_copied": _("the inbox was copied to another database at {at}"),
        # where a message landed and why
        "chat": _("it came in this chat"),
        "by_page": _("it was written on the client's own page"),
        "reply_address": _("it was sent to the signed reply address of this conversation"),
        "reference": _("it answers {source_id}"),
        "own_message_id": _("it answers a message that pfinbox wrote in this conversation"),
        "answered_before": _("a message that was read earlier answers it"),
        "subject_number": _("its subject names #{task}"),
        "perhaps_belongs": _("perhaps it belongs to #{task}, which its subject names"),
        "forward_note": _("written above a forwarded mail"),
        "subject_sender": _("same subject and sender"),
        "new_conversation": _("it answers nothing that we know"),
        "moved": _("it was moved here by hand"),
        "answer_notice": _("it was sent to the answer address of a notice"),
        "sent_elsewhere": _("it was written outside pfinbox"),
        "ignored": _("it was recorded and not shown: {detail}"),
        "album": _("a part of an album that is shown as one message"),
        "same_message": _("a second copy of a message that is already here"),
        "draft": _("a draft that somebody is writing with another program"),
        "own_loop": _("pfinbox wrote it itself"),
        "chat_started": _("the client opened the chat without writing"),
        "introduced": _("the client said who they are"),
        "reaction": _("a reaction, shown at its message"),
        "window_closed": _(
            "this channel can be written to only within {hours} h of the client's last message"
        ),
        "message_charged": _(
            "the service charges for it: more than {hours} h have passed since the client wrote"
        ),
        "unsubscribed": _("the client has not written yet, or wants no messages any more"),
        "plan_needed": _("the service wants a larger paid plan for this: {detail}"),
        "not_reachable": _("the client cannot be reached there: {detail}"),
        "held_back": _("the service keeps this message back: {detail}"),
        "opted_out": _("the client wants no such messages: {detail}"),
        "file_refused": _("the service does not take this file: {detail}"),
        "template_refused": _("the service does not take this template: {detail}"),
        "account_restricted": _("the service has restricted this account: {detail}"),
        "payment_needed": _("the service wants the account's payment put in order: {detail}"),
        "templates_go": _("a template that the service has approved can still be sent there"),
        "template_elsewhere": _("template {name} cannot be sent by any of the chosen ways"),
        "events_off": _("the service does not tell of these events yet, switch them on: {names}"),
        "encryption_missing": _(
            "encrypted messages cannot be read here: install {extra}, or ask the client for"
            " a room without encryption"
        ),
        "encrypted_no_key": _(
            "it is encrypted, and its key was not sent to this account; ask the client to send it"
            " again"
        ),
        "device_alone": _(
            "another program has made the identity of {user}, which does not vouch for this"
            " account: clients may not let it read what is encrypted; make a user for pfinbox alone"
        ),
        "encrypted_room": _(
            "the room is encrypted, and this account cannot write to such rooms: install {extra}"
        ),
        "another_user": _("the token is that of {user}"),
        "server_takes_less": _("the server takes files of {limit} MB at most: set max_file to it"),
        "no_base_url": _("the service cannot be told where to push to: set [web] base_url"),
        "not_subscribed": _("the service does not push to {url}"),
        "no_door": _("requests come by the web door only: set [web] listen"),
        "receives_only": _("this account has no send_url: it only receives"),
        "report": _("the other side told what became of a message"),
        "invitation_stale": _("an invitation that is used, expired or foreign was followed"),
        # changing what the client has already (R11)
        "copies_stay": _(
            "what was sent by {account} stays with the client as it is: "
            "write another comment that puts it right"
        ),
        "copy_gone": _("the client's copy is no longer there"),
        "too_old_to_delete": _(
            "{account} takes messages away for {hours} hours only: the client's copy stays"
        ),
        "parts_differ": _(
            "it was sent in {before} messages and would now need {after}: "
            "write another comment that puts it right"
        ),
        "not_fully_sent": _("not all of it has arrived; deal with its delivery first"),
        "being_sent": _("it is being sent at this moment; try again in a minute"),
        "purged": _("it was purged here; it does not come back"),
        # what a contact with access sees (R37)
        "system_entry": _("automatic lines are for colleagues only"),
        "hidden_from_contacts": _("it is hidden from clients"),
        "deleted_comment": _("it was deleted"),
        "private_task": _("its task is its owner's alone until it is shared"),
        "not_sent_yet": _("it has not left yet"),
        "own_message": _("the contact wrote it"),
        "was_notified": _("the contact got it"),
        "company_saw_it": _("somebody of the same company wrote or got it"),
        "contacts_saw_it": _("a contact of this task wrote or got it"),
        "everything_shown": _("contacts see everything that is not hidden"),
        "not_notified": _("the contact never got it"),
    }
