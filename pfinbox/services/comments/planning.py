"""To whom a comment goes: the picker's default, and the plan of its deliveries (R13-R17)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.files import Weighed
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Notify, Task, Who
from pfinbox.domain.outbound.planning.delivery_plan import Answered, DeliveryPlan
from pfinbox.domain.outbound.planning.plan import plan_delivery
from pfinbox.domain.outbound.planning.templates import ByTemplate, TemplateChoice
from pfinbox.domain.recipients import picker
from pfinbox.domain.recipients.original import Original, unseen_by
from pfinbox.errors import NotFound, UsageError
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.services import access
from pfinbox.services.comments import correspondents, templates
from pfinbox.services.comments.correspondents import NOBODY, OnMail
from pfinbox.store import load, read, snapshots
from pfinbox.store.uow import UnitOfWork


@record
class Context:
    """The task in which a comment is written, and what it answers."""

    task: Task
    original: Original | None = None
    on_mail: OnMail = NOBODY

    def answered(self, invited: frozenset[int]) -> Answered:
        """What the plan needs of the original; ``invited``: also chosen by their address."""
        if self.original is None or not self.original.incoming:
            return Answered(addressed=invited)
        author_id = self.original.author_id
        author = Who("contact", author_id) if author_id is not None else None
        addressed = invited | frozenset(self.on_mail.contacts)
        return Answered(self.original.account_id, author, addressed)


async def context(uow: UnitOfWork, task: Task, original_id: int | None) -> Context:
    """``task`` with the comment of it that is answered."""
    if original_id is None:
        return Context(task)
    original = await load.originals.original(uow, task.id, original_id)
    return Context(task, original, await correspondents.on_mail(uow, original))


async def preselect(
    uow: UnitOfWork,
    actor: AgentActor,
    task_id: int,
    *,
    answers: int | None = None,
    note: bool = False,
    reply_all: bool = False,
) -> Notify:
    """The picker's default for this agent in this task (R14); ``reply_all``: R45."""
    task = await access.the_task(uow, actor, task_id)
    known = await load.originals.said(uow, task.id)
    said = known.get(answers) if answers is not None else None
    if answers is not None and said is None:
        raise NotFound(_("comment {id} is not in task #{task}").format(id=answers, task=task.id))
    if reply_all and said is None:
        raise UsageError(_("say which comment is answered to all"))
    if reply_all and said is not None:
        here = await context(uow, task, answers)
        outside = here.original is not None and here.original.outside
        # A side conversation reaches the client only when an agent chooses so.
        people = [i for i in here.on_mail.contacts if not (outside and i == task.contact_id)]
        everyone = tuple(Who("contact", contact_id) for contact_id in people)
        said = replace(said, reply_all=everyone, newcomers=here.on_mail.newcomers)
    history = list(known.values())
    chosen = picker.preselect(actor.id, history, answers=said, note=note, everyone=reply_all)
    return picker.with_client(task, chosen) if said is not None else chosen


async def to_client(uow: UnitOfWork, actor: AgentActor, task_id: int, notify: Notify) -> Notify:
    """``notify`` meant for the task's client: with every card that stands for the client."""
    return picker.with_client(await access.the_task(uow, actor, task_id), notify)


@record
class Along:
    """What makes a comment besides its words: an approved text in their place, and files."""

    template: TemplateChoice | None = None
    files: Sequence[Weighed] = ()


NOTHING = Along()


async def plan(
    uow: UnitOfWork,
    actor: AgentActor,
    task_id: int,
    notify: Notify,
    *,
    when: datetime | None = None,
    answers: int | None = None,
    quotes: bool = False,
    along: Along = NOTHING,
) -> DeliveryPlan:
    """What would go to whom, by what, to which address; nothing is stored.

    ``quotes``: the comment that is answered is quoted, too, which the plan may warn of.
    """
    task = await access.the_task(uow, actor, task_id)
    await access.the_way(uow, actor, task, notify.reply_via)
    here = await context(uow, task, answers)
    notify = await known(uow, actor, here, notify)
    notify, invited = await correspondents.known(uow, notify)
    by_template = await templates.chosen(uow, actor, task, along.template)
    answered = here.answered(invited)
    found = await plan_in(uow, actor, here, notify, when, answered, by_template, along.files)
    if not quotes or here.original is None:
        return found
    names = await names_of_unseen(uow, here.original, notify)
    if not names:
        return found
    unseen = Reason("quote_unseen", {"names": ", ".join(names)})
    return replace(found, warnings=(*found.warnings, unseen))


async def ways(
    uow: UnitOfWork,
    actor: AgentActor,
    task_id: int,
    notify: Notify,
    *,
    answers: int | None = None,
) -> dict[str, DeliveryPlan]:
    """By account, the plans by which ``notify`` can be reached now (R16, R25)."""
    choices = await read.choices(uow, actor, task_id)
    found = {
        name: await plan(uow, actor, task_id, replace(notify, reply_via=name), answers=answers)
        for name in choices.accounts
    }
    return {name: one for name, one in found.items() if not one.errors}


async def plan_in(
    uow: UnitOfWork,
    actor: AgentActor,
    here: Context,
    notify: Notify,
    when: datetime | None,
    answers: Answered,
    template: ByTemplate | None = None,
    files: Sequence[Weighed] = (),
) -> DeliveryPlan:
    """The plan for whom this agent may write to, by the accounts that the agent may use."""
    # The plan's warning names the people who were not chosen.
    cards = (Who("contact", contact_id) for contact_id in here.task.client_cards)
    found = await snapshots.people(uow, (*notify.who, *cards))
    people = await access.within(uow, actor, here.task, replace(found, template=template))
    plan = plan_delivery(here.task, notify, people, when=when, answers=answers)
    plan = plan.carrying(files, above=template is not None)
    return await access.plan_for(uow, actor, plan)


async def known(uow: UnitOfWork, actor: AgentActor, here: Context, notify: Notify) -> Notify:
    """NotFound where the agent may not know of a contact (R46); whom the mail names is known."""
    who: list[Who] = []
    addresses: dict[int, str] = {}
    for one in notify.who:
        found = one
        if one.kind == "contact" and one.id not in here.on_mail.contacts:
            found = Who("contact", await access.the_contact(uow, actor, one.id))
        who.append(found)
        if one.kind == "contact" and one.id in notify.addresses:
            # The card may have been merged since its address was chosen.
            addresses.setdefault(found.id, notify.addresses[one.id])
    return replace(notify, who=tuple(dict.fromkeys(who)), addresses=addresses)


async def names_of_unseen(uow: UnitOfWork, original: Original, notify: Notify) -> list[str]:
    """The recipients who have not seen the words of the original."""
    cards = await snapshots.contacts(uow, notify.contacts)
    return unseen_by(original, (cards[i] for i in sorted(cards)), notify.newcomers)
