"""The demo's own wiring: its configuration in a folder of its own, and the agents of the story.

The agents act as anybody does, through the services; the story (``pfinbox.demo``) is only data.
"""

import asyncio
import logging
import socket
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import cast

from sqlalchemy import or_, select

from pfinbox.bootstrap.door import can_serve_pages
from pfinbox.config import Config, load
from pfinbox.demo.company import CANNED, COLLEAGUES, NAME, YOU, YOUR_NAME
from pfinbox.demo.spec import MAIL_SPEC, MESSENGER_SPEC, PACE
from pfinbox.demo.steps import (
    AGENT_STEPS,
    AgentSays,
    AgentStep,
    Assigns,
    Closes,
    Merges,
    OpensPage,
    Snoozes,
    Tags,
)
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.model import Notify, Who
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.errors import NotFound, Refused
from pfinbox.record import record
from pfinbox.services.comments import canned, comments
from pfinbox.services.comments.comments import CommentRequest
from pfinbox.services.merging import contact_merging
from pfinbox.services.people import agents, contacts, signing_in
from pfinbox.services.tasks import tasks
from pfinbox.store import statuses
from pfinbox.store import tables as t
from pfinbox.store.changes import changes
from pfinbox.store.uow import Store, UnitOfWork

log = logging.getLogger(__name__)

# Seconds that a colleague of the story takes before doing something.
_THINKING = 1.5
_KEY = "rehearsal:"


def demo_config(folder: Path, *, pace: float = PACE, language: str | None = None) -> Config:
    """A configuration written into ``folder``, where its SQLite file will be too.

    ``pace``: seconds between messages; ``language``: the only one that clients write in,
    and that of the screens.
    """
    chosen = f'language = "{language}"\n' if language is not None else ""
    agent = f"[agent]\n{chosen}\n" if chosen else ""
    account = f"pace = {pace}\n{chosen}"
    file = folder / "config.toml"
    file.write_text(
        f'[database]\nurl = "sqlite:///demo.sqlite"\n\n'
        f'[inbox]\ncompany = "{NAME}"\nundo_send = 5\nmail_account = "mail"\n\n'
        f"{agent}{_web()}"
        f'[accounts.chat]\nchannel = "{MESSENGER_SPEC.name}"\n{account}\n'
        f'[accounts.market]\nchannel = "{MESSENGER_SPEC.name}"\ncast = "market"\n'
        f"reply_hours = 24\n{account}\n"
        f'[accounts.mail]\nchannel = "{MAIL_SPEC.name}"\n{account}',
        encoding="utf-8",
    )
    return load(file)


def _web() -> str:
    """Clients' pages on a free port of this machine, where their packages are installed."""
    if not can_serve_pages():
        return ""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f'[web]\nlisten = "127.0.0.1:{probe.getsockname()[1]}"\n\n'


async def staff(store: Store, login: str) -> dict[str, int]:
    """The agents of the demo, made where missing: ids by the story's names for them.

    ``login`` is the person at this machine, an admin. Make them before the first message comes.
    """
    you = await store.run(partial(_sign_in, login=login))
    ids = {YOU: you}
    for colleague, name in COLLEAGUES.items():
        ids[colleague] = await store.run(partial(_hire, by_id=you, login=colleague, name=name))
    return ids


async def _sign_in(uow: UnitOfWork, *, login: str) -> int:
    """Clients read a person's name, not that of an account on this machine."""
    you = await agents.sign_in(uow, login)
    if you.name == login:
        actor = AgentActor(you.id)
        await agents.set_(uow, actor, login, name=COLLEAGUES.get(login, YOUR_NAME))
        for name, text in CANNED.items():
            await canned.keep(uow, actor, name, text)
    return you.id


async def _hire(uow: UnitOfWork, *, by_id: int, login: str, name: str) -> int:
    try:
        return (await agents.by_login(uow, login)).id
    except NotFound:
        return await agents.add(uow, AgentActor(by_id), login, name=name)


async def rehearse(store: Store, login: str, *, thinking: float = _THINKING) -> None:
    """Carry out the agents' steps of the story, each once its client's message is there.

    Ends after the last one, which may never come (one language only): cancel it at the end.
    """
    ids = await staff(store, login)
    left = list(AGENT_STEPS)
    news = cast("AsyncGenerator[frozenset[str], None]", changes(store))
    async with aclosing(news):
        async for topics in news:
            if topics and "tasks" not in topics:
                continue
            while ready := await _ready(store, left):
                step, place = ready
                await asyncio.sleep(thinking)
                await _carry_out(store, step, place, ids)
                left.remove(step)
            if not left:
                return


@record
class _Place:
    """The message that a step follows."""

    task_id: int
    comment_id: int
    contact_id: int


async def _ready(store: Store, left: list[AgentStep]) -> tuple[AgentStep, _Place] | None:
    """The first step whose message has arrived, and where it did."""
    async with store.read() as uow:
        rows = await uow.connection.execute(
            select(t.receipt.c.key, t.task.c.root_id, t.comment.c.id, t.contact.c.root_id)
            .join(t.account, t.account.c.id == t.receipt.c.account_id)
            .join(t.comment, t.comment.c.id == t.receipt.c.comment_id)
            .join(t.task, t.task.c.id == t.comment.c.task_id)
            .join(t.contact, t.contact.c.id == t.comment.c.contact_id)
            .where(
                t.account.c.channel.in_((MESSENGER_SPEC.name, MAIL_SPEC.name)),
                t.receipt.c.key.in_({key for step in left for key in step.needs}),
            )
        )
        found = {key: _Place(task, comment, contact) for key, task, comment, contact in rows}
    return next(((one, found[one.after]) for one in left if found.keys() >= set(one.needs)), None)


async def _carry_out(store: Store, step: AgentStep, place: _Place, ids: dict[str, int]) -> None:
    try:
        await store.run(partial(_do, step=step, place=place, ids=ids))
    except (Refused, NotFound) as error:
        # The person at the keyboard was faster: trash, merge, spam.
        log.info("step after %s left out: %s", step.after, error)


async def _do(uow: UnitOfWork, *, step: AgentStep, place: _Place, ids: dict[str, int]) -> None:
    if await _taken_over(uow, place.task_id, ids[YOU]):
        return
    by_id, one = ids[step.by], (place.task_id,)
    match step:
        case Assigns():
            wanted = TaskChange(assignee=Who("agent", ids[step.to]))
            await tasks.change(uow, AgentActor(by_id), one, wanted)
        case AgentSays():
            await _say(uow, step, place, ids)
        case Closes():
            await _close(uow, AgentActor(by_id), place.task_id)
        case Snoozes():
            await tasks.change(
                uow, AgentActor(by_id), one, TaskChange(snooze_until=uow.now + step.until)
            )
        case Merges():
            await _merge(uow, AgentActor(by_id, agreed=True), step, place)
        case OpensPage():
            await _open_page(uow, step, place, ids)
        case Tags():
            await tasks.change(uow, AgentActor(by_id), one, TaskChange(add_tags=step.tags))


async def _say(uow: UnitOfWork, step: AgentSays, place: _Place, ids: dict[str, int]) -> None:
    by_id = ids[step.by]
    who = [Who("contact", place.contact_id)] if step.to_client else []
    # The person at this machine may be called like a colleague: nobody is told their own words.
    who += [Who("agent", ids[name]) for name in step.colleagues if ids[name] != by_id]
    request = CommentRequest(
        place.task_id,
        step.text,
        Notify(tuple(who)),
        quote_id=place.comment_id if step.quotes else None,
        template=step.template,
        send_at=uow.now + step.send_in if step.send_in is not None else None,
        client_key=f"{_KEY}{AGENT_STEPS.index(step)}",
    )
    await comments.add_comment(uow, AgentActor(by_id), request)
    if step.closes:
        await _close(uow, AgentActor(by_id), place.task_id)


async def _merge(uow: UnitOfWork, actor: AgentActor, step: Merges, place: _Place) -> None:
    other = await uow.connection.scalar(
        select(t.contact.c.root_id)
        .join(t.comment, t.comment.c.contact_id == t.contact.c.id)
        .join(t.receipt, t.receipt.c.comment_id == t.comment.c.id)
        .where(t.receipt.c.key == step.other)
    )
    if other is not None:
        await contact_merging.merge_contacts(uow, actor, other, [place.contact_id])


async def _open_page(uow: UnitOfWork, step: OpensPage, place: _Place, ids: dict[str, int]) -> None:
    """Refused where nobody serves pages."""
    by = AgentActor(ids[step.by], agreed=True)
    await contacts.set_(uow, by, place.contact_id, portal=True)
    invitation = await signing_in.invite(uow, by, place.contact_id)
    request = CommentRequest(
        place.task_id,
        step.text.format(link=invitation.link),
        Notify((Who("agent", ids[YOU]),)),
        client_key=f"{_KEY}{AGENT_STEPS.index(step)}",
    )
    await comments.add_comment(uow, by, request)


async def _close(uow: UnitOfWork, actor: AgentActor, task_id: int) -> None:
    wanted = TaskChange(status=await statuses.finished_status(uow))
    await tasks.change(uow, actor, (task_id,), wanted)


async def _taken_over(uow: UnitOfWork, task_id: int, you: int) -> bool:
    """The person at the keyboard has written in this task: colleagues stay out of it."""
    found = await uow.connection.scalar(
        select(t.comment.c.id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .where(
            t.task.c.root_id == task_id,
            t.comment.c.agent_id == you,
            or_(
                t.comment.c.client_key.is_(None),
                t.comment.c.client_key.not_like(f"{_KEY}%"),
            ),
        )
        .limit(1)
    )
    return found is not None
