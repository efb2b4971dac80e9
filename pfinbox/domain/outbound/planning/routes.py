"""The ways to one contact: which chat or e-mail account, which address, and what stands against it.

A chat is only ever used for its own contact (R15); the task's reply channel (R16) and an address
that was chosen (R17) narrow the ways down.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pfinbox.domain.contract.channel import Capability, Limits
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Account, Chat, Contact, Notify, Task, Who
from pfinbox.domain.outbound.planning.delivery_plan import People, PlanRow
from pfinbox.domain.outbound.planning.mail_addresses import (
    about,
    blocked,
    later,
    mail_account,
    mail_address,
    mails,
)


def _taking_part(task: Task) -> set[int | None]:
    """The contacts of a task: its client, participants, and assignee."""
    known = {
        task.contact_id,
        *task.client_cards,
        *(p.id for p in task.participants if p.kind == "contact"),
    }
    if task.assignee is not None and task.assignee.kind == "contact":
        known.add(task.assignee.id)
    return known


def new_here(name: str, address: str) -> Reason:
    return Reason("new_here", {"name": name, "address": address})


def to_contact(
    task: Task,
    contact: Contact,
    notify: Notify,
    people: People,
    when: datetime | None,
    addressed: Collection[int],
) -> list[PlanRow]:
    who = Who("contact", contact.id)
    new = contact.id not in _taking_part(task)
    if new and not contact.selectable and contact.id not in addressed:
        error = Reason("not_in_task", {"name": contact.name})
        return [PlanRow(who, contact.name, when=when, error=error)]
    chosen = notify.addresses.get(contact.id)
    # A chat is only ever used for its own contact (R15); a thread with somebody outside is no way
    # to the client, even when both turn out to be one person.
    theirs = [
        chat
        for chat in task.chats
        if chat.contact_id == contact.id and not (chat.outside and contact.id == task.contact_id)
    ]
    # The task's reply channel was chosen for talk with the client.
    aside = any(chat.outside for chat in theirs)
    via = notify.reply_via or ("own" if aside else task.reply_via)
    rows = _rows(task, contact, theirs, via, chosen, people, when)
    usual = _rows(task, contact, theirs, "own", None, people, when)
    ways = {_way(row) for row in usual}
    rows = [row if _way(row) in ways else replace(row, aside=True) for row in rows]
    if new and contact.id in addressed:
        return [_with_warning(row, new_here(contact.name, row.address or "")) for row in rows]
    return rows


def _rows(
    task: Task,
    contact: Contact,
    theirs: list[Chat],
    via: str,
    chosen: str | None,
    people: People,
    when: datetime | None,
) -> list[PlanRow]:
    who = Who("contact", contact.id)
    routes = _routes(theirs, contact, via, people)
    # An invited chat comes beside the way that there was: by e-mail, where there was no chat (R30).
    and_mail = via in ("own", "all") and bool(routes) and all(chat.invited for chat in routes)
    if chosen is not None:
        routes = [chat for chat in routes if mails(people.accounts[chat.account_id])][:1]
    rows = [_by_chat(who, task, contact, chat, chosen, people, when) for chat in routes]
    if not rows or and_mail:
        by_mail = _by_mail(who, task, contact, via, chosen, people, when)
        if not rows or (by_mail.error is None and contact.id == task.contact_id):
            rows.append(by_mail)
    if any(row.account is not None and mails(row.account) for row in rows):
        return rows
    by_id = {chat.id: chat for chat in routes}
    return [
        replace(row, later=later(task, contact, by_id[row.chat_id], people))
        if row.chat_id is not None and row.error is None
        else row
        for row in rows
    ]


def _way(row: PlanRow) -> tuple[int | None, str | None]:
    return (row.account.id if row.account is not None else None, row.address)


def _with_warning(row: PlanRow, warning: Reason) -> PlanRow:
    return replace(row, warnings=(warning, *row.warnings)) if row.error is None else row


def _routes(theirs: list[Chat], contact: Contact, via: str, people: People) -> list[Chat]:
    """The chats to use, best first and one an account; empty where only e-mail is left."""
    # One answer by another way changes nothing for later ones (R16).
    used = [chat for chat in theirs if not chat.aside]
    if via == "last":
        return sorted(used, key=_recency, reverse=True)[:1]
    if via == "all":
        return _one_per_account(used)
    if via != "own":
        named = [c for c in (*theirs, *contact.chats) if people.accounts[c.account_id].name == via]
        in_task = {chat.id for chat in theirs}
        # A thread of another task would mix two conversations; a messenger has but one.
        named = [
            chat
            for chat in named
            if chat.id in in_task or not people.accounts[chat.account_id].can(Capability.THREADS)
        ]
        return _one_per_account(named)
    own = [chat for chat in used if chat.own and not chat.invited]
    if not own:
        # Only where the survivor has none does talk take the channel of a task merged in (R32).
        before = [chat for chat in used if not chat.invited]
        own = sorted(before, key=_recency, reverse=True)[:1]
    return _one_per_account([*own, *(chat for chat in used if chat.invited)])


def _recency(chat: Chat) -> tuple[float, int]:
    return (chat.last_incoming_at.timestamp() if chat.last_incoming_at else 0.0, chat.id)


def _one_per_account(chats: Sequence[Chat]) -> list[Chat]:
    best: dict[int, Chat] = {}
    for chat in sorted(chats, key=_recency):
        best[chat.account_id] = chat
    return [best[account_id] for account_id in sorted(best)]


def goes_on(task: Task, chat: Chat, name: str) -> Reason | None:
    """Why nothing is said in this chat from ``task``: it is finished, and another one is open (R4).

    The open task shows all that the chat was told. ``name``: its contact's, for whoever may not
    know that task.
    """
    other = chat.open_task_id
    if task.active or other is None or other == task.id:
        return None
    if chat.open_task_of not in (None, task.private_to_id):
        return Reason("with_a_colleague", {"name": name})
    return Reason("goes_on_in", {"task": other})


def _by_chat(
    who: Who,
    task: Task,
    contact: Contact,
    chat: Chat,
    chosen: str | None,
    people: People,
    when: datetime | None,
) -> PlanRow:
    account = people.accounts[chat.account_id]
    error: Reason | None = None
    warnings: list[Reason] = []
    address = chat.key
    if mails(account):
        last_used = chat.answer_to or chat.address or chat.left_address
        address, error = mail_address(contact, account, chosen, last_used)
        if not address:
            error = Reason("no_address", {"name": contact.name})
        error = error or blocked(contact, address)
        warnings += about(contact, address)
    error = error or goes_on(task, chat, contact.name)
    if error is None and chat.blocked:
        error = Reason("contact_blocked")
    if error is None and not chat.writable:
        error = chat.state_reason or Reason("chat_closed", {"name": contact.name})
    closes_at = closing(account.limits, chat.last_incoming_at)
    moment = when or people.now
    template = _template(account, people)
    if template is None and error is None and _is_closed(closes_at, moment):
        error = window_closed(account.limits)
        if account.can(Capability.TEMPLATES):
            warnings.append(Reason("templates_go"))
    warnings += [*_charged(account.limits, chat.last_incoming_at, moment), *about_account(account)]
    return PlanRow(
        who,
        contact.name,
        account,
        chat.id,
        address,
        when,
        tuple(warnings),
        error,
        closes_at=closes_at,
        template=template,
    )


def _template(account: Account, people: People) -> str | None:
    """The name of the template that the comment is, where this account's service knows it."""
    one = people.template
    return one.filled.name if one is not None and account.id in one.account_ids else None


def _is_closed(closes_at: datetime | None, moment: datetime | None) -> bool:
    return closes_at is not None and moment is not None and moment > closes_at


def closing(limits: Limits, last_incoming_at: datetime | None) -> datetime | None:
    """Until when a chat can be written to whose client wrote last then (R25); None: always."""
    if limits.reply_window is None:
        return None
    began = last_incoming_at or datetime.min.replace(tzinfo=UTC)
    return began + timedelta(seconds=limits.reply_window)


def _charged(
    limits: Limits, last_incoming_at: datetime | None, moment: datetime | None
) -> list[Reason]:
    """What is written after the free window costs money (R25)."""
    seconds = limits.free_window
    if seconds is None or moment is None:
        return []
    if last_incoming_at is not None and moment <= last_incoming_at + timedelta(seconds=seconds):
        return []
    return [Reason("message_charged", {"hours": seconds // 3600})]


def window_closed(limits: Limits) -> Reason:
    return Reason("window_closed", {"hours": (limits.reply_window or 0) // 3600})


def _by_mail(
    who: Who,
    task: Task,
    contact: Contact,
    via: str,
    chosen: str | None,
    people: People,
    when: datetime | None,
) -> PlanRow:
    """A contact without a chat here is written to by e-mail (R23)."""
    account = mail_account(task, via, people)
    if via not in ("own", "last", "all") and (account is None or account.name != via):
        nowhere = Reason("via_unavailable", {"name": contact.name, "account": via})
        return PlanRow(who, contact.name, when=when, error=nowhere)
    if account is None:
        return PlanRow(who, contact.name, when=when, error=Reason("no_mail_account"))
    address, error = mail_address(contact, account, chosen, None)
    error = error or blocked(contact, address)
    if error is not None:
        return PlanRow(who, contact.name, when=when, error=error)
    warnings = (*about(contact, address), *about_account(account))
    return PlanRow(who, contact.name, account, None, address, when, warnings)


def about_account(account: Account) -> list[Reason]:
    working = account.configured and account.state != "failed"
    return [] if working else [Reason("account_down", {"account": account.name})]
