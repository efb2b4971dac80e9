"""Where a comment goes: the delivery plan (R13-R17, R45). Nothing else decides it.

The picker, ``--dry-run`` and the service that queues all show or carry out what is computed here.
"""

from dataclasses import replace
from datetime import datetime

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Notify, Task, Who
from pfinbox.domain.outbound.planning.delivery_plan import Answered, DeliveryPlan, People, PlanRow
from pfinbox.domain.outbound.planning.mail_addresses import mail_account, mails
from pfinbox.domain.outbound.planning.routes import about_account, new_here, to_contact
from pfinbox.domain.outbound.planning.templates import ByTemplate


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
            found = to_contact(
                task, people.contacts[who.id], notify, people, when, answers.addressed
            )
            rows += _one_copy(found)
    rows += [_to_newcomer(task, one, notify, people, when) for one in notify.newcomers]
    rows = _shared(task, rows, notify, answers)
    warnings: list[Reason] = []
    if people.template is not None:
        rows = _must_go_as(people.template, rows)
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


def _must_go_as(template: ByTemplate, rows: list[PlanRow]) -> list[PlanRow]:
    """A template that goes to nobody as one is a mistake: its text would be anybody's words."""
    if any(row.template is not None for row in rows):
        return rows
    elsewhere = Reason("template_elsewhere", {"name": template.filled.name})
    return [replace(row, error=row.error or elsewhere) for row in rows]


def _one_copy(rows: list[PlanRow]) -> list[PlanRow]:
    """Two of our e-mail accounts must not send the same to one address of one person."""
    by_address: dict[object, PlanRow] = {}
    for n, row in enumerate(rows):
        mail = row.account is not None and mails(row.account) and row.error is None
        by_address.setdefault(row.address if mail else n, row)
    return list(by_address.values())


def _to_newcomer(
    task: Task, newcomer: Party, notify: Notify, people: People, when: datetime | None
) -> PlanRow:
    """Somebody who is on no card yet; the card is made when the comment is stored."""
    who = Who("contact", 0)
    name = newcomer.name or newcomer.value
    account = mail_account(task, notify.reply_via or task.reply_via, people)
    if account is None:
        return PlanRow(who, name, when=when, error=Reason("no_mail_account"))
    warnings = (new_here(name, newcomer.value), *about_account(account))
    return PlanRow(who, name, account, None, newcomer.value, when, warnings)


def _shared(task: Task, rows: list[PlanRow], notify: Notify, answers: Answered) -> list[PlanRow]:
    """Number the messages: contacts on one account that can share one get one (R45).

    To whom it is said, in To, comes first; in a thread the others get copies, in Cc, and where a
    thread begins those for whom an agent chose it.
    """
    outsiders = _outsiders(task, rows, answers)
    groups: dict[object, list[PlanRow]] = {}
    for n, row in enumerate(rows):
        key: object = ("single", n)
        sharing = row.error is None and not notify.separately
        if row.account is not None and sharing and row.account.can(Capability.MANY_RECIPIENTS):
            key = ("shared", row.account.id, row in outsiders)
        groups.setdefault(key, []).append(row)
    numbered: list[PlanRow] = []
    for number, group in enumerate(groups.values()):
        first = min(
            group,
            key=lambda row: (row.address in notify.copies, _nearness(task, row, answers)),
        )
        in_thread = any(row.chat_id is not None for row in group)
        others = [row for row in group if row is not first]
        numbered.append(replace(first, group=number))
        numbered += [
            replace(row, group=number, copy=in_thread or row.address in notify.copies)
            for row in others
        ]
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
