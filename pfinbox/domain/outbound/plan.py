"""Where a comment goes: the delivery plan (R13-R17, R45). Nothing else decides it.

The picker, ``--dry-run`` and the service that queues all show or carry out what is computed here.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.envelope import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Account, Agent, Chat, Contact, Notify, Task, Who


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One recipient's way. An agent has no account: the comment shows in the inbox."""

    recipient: Who
    name: str
    account: Account | None = None
    chat_id: int | None = None
    # E-mail address, or the chat's key in a messenger; what is shown before sending.
    address: str | None = None
    when: datetime | None = None
    warnings: tuple[Reason, ...] = ()
    error: Reason | None = None
    # Rows of one group share one message with visible recipients (R45).
    group: int = 0
    # Not the way that the task itself has to its recipient, only this comment's (R16).
    aside: bool = False
    # In Cc: a copy of what is said to the group's first row.
    copy: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            # A newcomer's card has no id before it is made.
            "recipient": {
                "kind": self.recipient.kind,
                "id": self.recipient.id or None,
                "name": self.name,
            },
            "account": self.account.name if self.account else None,
            "channel": self.account.channel if self.account else None,
            "address": self.address,
            "when": self.when.isoformat().replace("+00:00", "Z") if self.when else None,
            "warnings": [warning.as_json() for warning in self.warnings],
            "error": self.error.as_json() if self.error else None,
        }


@dataclass(frozen=True, slots=True)
class DeliveryPlan:
    """What will go to whom, by what, to which address."""

    rows: tuple[PlanRow, ...] = ()
    warnings: tuple[Reason, ...] = ()

    @property
    def errors(self) -> tuple[Reason, ...]:
        return tuple(row.error for row in self.rows if row.error is not None)

    def as_json(self) -> dict[str, Any]:
        return {
            "plan": [row.as_json() for row in self.rows],
            "warnings": [warning.as_json() for warning in self.warnings],
        }


@dataclass(frozen=True, slots=True)
class People:
    """Everyone and everything that a plan may need, by id."""

    contacts: Mapping[int, Contact]
    agents: Mapping[int, Agent]
    accounts: Mapping[int, Account]
    # The account that sends the mail of tasks without an e-mail account.
    mail_account_id: int | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The comment that is being answered, as far as the plan cares."""

    # The account by which it came; None for an agent's own.
    account_id: int | None = None
    author: Who | None = None
    # Contacts to whom it was addressed as well: they may be chosen, task or not (R45).
    addressed: frozenset[int] = frozenset()


def plan_delivery(
    task: Task,
    notify: Notify,
    people: People,
    *,
    when: datetime | None = None,
    answers_account_id: int | None = None,
    answers: Answered | None = None,
) -> DeliveryPlan:
    """The plan for one comment in ``task`` to everyone in ``notify``.

    ``when`` is the scheduled moment; ``answers`` the comment that is being answered, or, where
    only that is known, ``answers_account_id`` the account by which it came (R32: another way says
    so).
    """
    answers = answers or Answered(answers_account_id)
    rows: list[PlanRow] = []
    for who in dict.fromkeys(notify.who):
        if who.kind == "agent":
            agent = people.agents[who.id]
            rows.append(PlanRow(who, agent.name, when=when))
        else:
            found = _to_contact(
                task, people.contacts[who.id], notify, people, when, answers.addressed
            )
            rows += _one_copy(found)
    rows += [_to_newcomer(task, one, notify, people, when) for one in notify.newcomers]
    rows = _shared(task, rows, notify.separately, answers)
    warnings: list[Reason] = []
    if not rows:
        warnings.append(Reason("nobody_notified"))
    warnings += _apart(task, notify, people)
    used = {row.account.id: row.account for row in rows if row.account is not None}
    if answers.account_id is not None and used and answers.account_id not in used:
        warnings += [Reason("other_channel", {"account": used[i].name}) for i in sorted(used)]
    return DeliveryPlan(tuple(rows), tuple(warnings))


def _apart(task: Task, notify: Notify, people: People) -> list[Reason]:
    """Who joined by an invitation is on another card than the client who was invited (R30)."""
    cards = task.client_cards
    if not set(cards) & set(notify.contacts):
        return []
    found = []
    for joined in cards[1:]:
        known = people.contacts.get(joined)
        name = known.name if known is not None else f"{joined}"
        found.append(Reason("joined_apart", {"name": name, "client": cards[0], "joined": joined}))
    return found


def _one_copy(rows: list[PlanRow]) -> list[PlanRow]:
    """Two of our e-mail accounts must not send the same to one address of one person."""
    by_address: dict[object, PlanRow] = {}
    for n, row in enumerate(rows):
        mail = row.account is not None and _mails(row.account) and row.error is None
        by_address.setdefault(row.address if mail else n, row)
    return list(by_address.values())


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


def _to_newcomer(
    task: Task, newcomer: Party, notify: Notify, people: People, when: datetime | None
) -> PlanRow:
    """Somebody who is on no card yet; the card is made when the comment is stored."""
    who = Who("contact", 0)
    name = newcomer.name or newcomer.value
    account = _mail_account(task, notify.reply_via or task.reply_via, people)
    if account is None:
        return PlanRow(who, name, when=when, error=Reason("no_mail_account"))
    warnings = (_new_here(name, newcomer.value), *_about_account(account))
    return PlanRow(who, name, account, None, newcomer.value, when, warnings)


def _new_here(name: str, address: str) -> Reason:
    return Reason("new_here", {"name": name, "address": address})


def _to_contact(
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
        return [_with_warning(row, _new_here(contact.name, row.address or "")) for row in rows]
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
        routes = [chat for chat in routes if _mails(people.accounts[chat.account_id])][:1]
    rows = [_by_chat(who, task, contact, chat, chosen, people, when) for chat in routes]
    if not rows or and_mail:
        by_mail = _by_mail(who, task, contact, via, chosen, people, when)
        if not rows or (by_mail.error is None and contact.id == task.contact_id):
            rows.append(by_mail)
    return rows


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


def _mails(account: Account) -> bool:
    return account.can(Capability.GLOBAL_ADDRESSES)


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
    if _mails(account):
        address, error = _mail_address(contact, account, chosen, chat.answer_to or chat.address)
        if not address:
            error = Reason("no_address", {"name": contact.name})
        error = error or _blocked(contact, address)
        warnings += _about(contact, address)
    error = error or goes_on(task, chat, contact.name)
    if error is None and chat.blocked:
        error = Reason("contact_blocked")
    if error is None and not chat.writable:
        error = chat.state_reason or Reason("chat_closed", {"name": contact.name})
    warnings += _about_account(account)
    return PlanRow(who, contact.name, account, chat.id, address, when, tuple(warnings), error)


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
    account = _mail_account(task, via, people)
    if via not in ("own", "last", "all") and (account is None or account.name != via):
        nowhere = Reason("via_unavailable", {"name": contact.name, "account": via})
        return PlanRow(who, contact.name, when=when, error=nowhere)
    if account is None:
        return PlanRow(who, contact.name, when=when, error=Reason("no_mail_account"))
    address, error = _mail_address(contact, account, chosen, None)
    error = error or _blocked(contact, address)
    if error is not None:
        return PlanRow(who, contact.name, when=when, error=error)
    warnings = (*_about(contact, address), *_about_account(account))
    return PlanRow(who, contact.name, account, None, address, when, warnings)


def _mail_account(task: Task, via: str, people: People) -> Account | None:
    candidates = [a for a in people.accounts.values() if _mails(a) and a.configured]
    by_name = [a for a in candidates if a.name == via]
    own = [a for a in candidates if a.id == task.account_id]
    default = [a for a in candidates if a.id == people.mail_account_id]
    shared = sorted((a for a in candidates if a.role == "shared"), key=lambda a: a.id)
    for account in (*by_name, *own, *default, *shared):
        return account
    return None


def _mail_address(
    contact: Contact, account: Account, chosen: str | None, last_used: str | None
) -> tuple[str, Reason | None]:
    """The address (R17): the chosen one, the one the client wrote from, the card's main one."""
    # An id that belongs to one account is no address to write to from another.
    mine = [a for a in contact.addresses if a.channel == account.channel and a.scope == 0]
    if chosen:
        if chosen not in (address.value for address in mine) and chosen != last_used:
            args = {"address": chosen, "name": contact.name}
            return chosen, Reason("address_not_theirs", args)
        return chosen, None
    if last_used:
        return last_used, None
    usable = sorted(mine, key=lambda a: (a.blocked, a.bounced, not a.main, a.id))
    if not usable:
        return "", Reason("no_route", {"name": contact.name})
    return usable[0].value, None


def _blocked(contact: Contact, value: str) -> Reason | None:
    """An address that was marked as spam (R42) would be held when it is due; say so at once."""
    theirs = [address for address in contact.addresses if address.value == value]
    return Reason("contact_blocked") if any(address.blocked for address in theirs) else None


def _about(contact: Contact, value: str) -> list[Reason]:
    found: list[Reason] = []
    for address in contact.addresses:
        if address.value != value:
            continue
        if address.duplicate:
            found.append(Reason("duplicate_address", {"address": value}))
        if address.bounced:
            found.append(Reason("bounced", {"detail": value}))
    return found


def _about_account(account: Account) -> list[Reason]:
    working = account.configured and account.state != "failed"
    return [] if working else [Reason("account_down", {"account": account.name})]


def _shared(task: Task, rows: list[PlanRow], separately: bool, answers: Answered) -> list[PlanRow]:
    """Number the messages: contacts on one account that can share one get one (R45).

    To whom it is said, in To, comes first; in a thread the others get copies, in Cc.
    """
    outsiders = _outsiders(task, rows, answers)
    groups: dict[object, list[PlanRow]] = {}
    for n, row in enumerate(rows):
        key: object = ("single", n)
        sharing = row.error is None and not separately
        if row.account is not None and sharing and row.account.can(Capability.MANY_RECIPIENTS):
            key = ("shared", row.account.id, row in outsiders)
        groups.setdefault(key, []).append(row)
    numbered: list[PlanRow] = []
    for number, group in enumerate(groups.values()):
        first = min(group, key=lambda row: _nearness(task, row, answers))
        in_thread = any(row.chat_id is not None for row in group)
        others = [row for row in group if row is not first]
        numbered.append(replace(first, group=number))
        numbered += [replace(row, group=number, copy=in_thread) for row in others]
    return numbered


def _outsiders(task: Task, rows: list[PlanRow], answers: Answered) -> list[PlanRow]:
    """Rows that must not share a mail with the client, where the client is chosen, too.

    Somebody to whom something was forwarded need not know who the client is, nor the client whom
    we ask; those whom an answer to them brings along are on their side.
    """
    if not any(row.recipient == Who("contact", task.contact_id or 0) for row in rows):
        return []
    threads = {chat.id for chat in task.chats if chat.outside}
    outside = [row for row in rows if row.chat_id in threads]
    if answers.author in {row.recipient for row in outside}:
        outside += [row for row in rows if row.chat_id is None and row.recipient.kind == "contact"]
    return outside


def _nearness(task: Task, row: PlanRow, answers: Answered) -> int:
    """Who is spoken to: the one answered, the task's client, whoever has a thread here."""
    if row.recipient == answers.author:
        return 0
    if row.recipient.id == task.contact_id:
        return 1
    return 2 if row.chat_id is not None else 3
