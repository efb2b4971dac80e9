"""The table of rights is whole, and every use case does what it says, as whoever calls (R46)."""

import inspect
import pkgutil
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any, get_type_hints

import pytest

from pfinbox import services
from pfinbox.domain.actor import AgentActor, ContactActor, SystemActor
from pfinbox.domain.contract.incoming import Incoming, Unreadable
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Notify
from pfinbox.domain.recipients.bulk import BulkRow
from pfinbox.domain.rights import RIGHTS, By, Over, only_admins
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.errors import NotFound, PfinboxError, Refused
from pfinbox.services import inbox as acting
from pfinbox.services import queries
from pfinbox.services.comments.comments import CommentRequest
from pfinbox.services.comments.forwarding import ForwardRequest
from pfinbox.services.comments.starting import StartRequest
from pfinbox.services.people import agents
from pfinbox.services.portal import reading
from pfinbox.services.system import absence
from pfinbox.store import read
from pfinbox.store.rows import DraftRow
from pfinbox.store.uow import UnitOfWork
from tests.builders import START, Inbox, client
from tests.cli.others import SECRET, world
from tests.cli.test_not_found import leaks

# What use cases are made of: they are handed what has been looked up for the same agent already.
PARTS = {
    "amending.edit",
    "amending.delete",
    "correspondents.join",
    "planning.plan_in",
    "planning.known",
    "revealing.guard",
    "templates.chosen",
    "revealing.must_be_agreed",
    "unmerge_plan.part",
    "unmerge_plan.must_be_allowed",
}
# Of the program, not of an agent: the whole store at once (``may_administer``).
# These say of each of many tasks whether it is there.
OF_EACH = {"bulk.plan", "bulk.check"}
WHOLE_STORE = {
    "backup.backup", "restore.restore", "schema.upgrade", "schema.check", "moving.copy",
    "account_check.check",
}  # fmt: skip
ACTORS = {AgentActor: {By.AGENT, By.ONESELF, By.ADMIN}, ContactActor: {By.CONTACT}}
ACTORS[SystemActor] = {By.PROGRAM}


@pytest.fixture(params=["sqlite"])
def kind(request: pytest.FixtureRequest) -> str:
    """The conditions that agents' eyes are have a test on both databases."""
    return str(request.param)


def use_cases() -> dict[str, tuple[Callable[..., Any], Any]]:
    """Every function of services and the read side whose second parameter is an actor; whose."""
    found: dict[str, tuple[Callable[..., Any], Any]] = {}
    modules = [read, queries, reading]
    for one in pkgutil.walk_packages(services.__path__, f"{services.__name__}."):
        module = import_module(one.name)
        if module.__name__ not in ("pfinbox.services.access", "pfinbox.services.inbox"):
            modules.append(module)
    told = set()
    for module in sorted(modules, key=lambda one: one is read):
        called = module.__name__.rpartition(".")[2]
        everything = getattr(module, "__all__", None)
        for name, function in inspect.getmembers(module, inspect.iscoroutinefunction):
            ours = name in everything if everything else function.__module__ == module.__name__
            if name.startswith("_") or not ours or function in told:
                continue
            hints = list(get_type_hints(function).items())
            if len(hints) < 2 or hints[0][1] is not UnitOfWork:
                continue
            given = getattr(hints[1][1], "__args__", [hints[1][1]])
            actors = [one for one in ACTORS if one in given]
            if actors:
                told.add(function)
                assert f"{called}.{name}" not in found
                found[f"{called}.{name}"] = function, actors[0]
    return found


USE_CASES = use_cases()


def test_r46_every_use_case_has_a_line_in_the_table_of_rights() -> None:
    assert set(USE_CASES) - PARTS == set(RIGHTS) - WHOLE_STORE
    for name, (_function, actor) in USE_CASES.items():
        assert name in PARTS or RIGHTS[name].by in ACTORS[actor], name


_NAMING = ("task_id", "to_task", "reply_via")


def arguments(name: str, function: Callable[..., Any], ids: dict[str, int]) -> dict[str, Any]:
    """What the use case is called with: the numbers in ``ids``, by kind, and whatever else."""
    task, comment, contact = ids["task"], ids["comment"], ids["contact"]
    survivor = contact if name.startswith("contact_merging") else task
    other = ids["other contact"] if name.startswith("contact_merging") else ids["other task"]
    draft = DraftRow(task, "reply", "x", {}, START)
    unread = Unreadable(reason=Reason("unreadable", {"detail": "x"}), sent_at=START)
    known = {
        "task_id": task,
        "task_ids": [task],
        "comment_id": comment,
        "contact_id": contact,
        "root": contact,
        "delivery_id": ids["delivery"],
        "attachment_id": ids["attachment"],
        "receipt_id": ids["receipt"],
        "receipt_ids": [ids["receipt"]],
        "survivor_id": survivor,
        "other_ids": [other],
        "to_task": ids["other task"],
        "made": None,
        "canned_id": 1,
        "wanted": TaskChange(title="T"),
        "back": TaskChange(title="T"),
        "changes": [(task, TaskChange(title="T"))],
        "rows": [BulkRow(task)],
        "key": "k",
        "draft": draft,
        "notify": Notify((client(ids["client"]),)),
        "when": START + timedelta(days=9),
        "until": START + timedelta(days=9),
        "parse": lambda _raw, _account: Incoming(key="x", raw=b"", event=unread),
        "addresses": ["new@client.example"],
        "account_name": "support",
        "limit": 10,
        "deleting": False,
        "hidden": True,
        "own": False,
        "reply_via": "support",
        "choices": {},
    }
    if name.startswith("starting") and "request" in inspect.signature(function).parameters:
        known["request"] = StartRequest("support", "x", "T", contact_id=contact)
    elif name.startswith("forwarding"):
        known["request"] = ForwardRequest(task, ("a@out.example",), (comment,))
    else:
        known["request"] = CommentRequest(task, "x", Notify((client(ids["client"]),)))
    hints = get_type_hints(function)
    parameters = list(inspect.signature(function).parameters.values())[2:]
    given = {}
    for one in parameters:
        if one.default is not inspect.Parameter.empty and one.name not in _NAMING:
            continue
        given[one.name] = known.get(one.name, "x" if hints[one.name] is str else None)
    return given


class Undone(Exception):
    """What was tried is not kept."""


async def tried(inbox: Inbox, agent: str, name: str, ids: dict[str, int]) -> tuple[str, str]:
    """What comes of a use case, in one word, and all that it gave."""
    function, _actor = USE_CASES[name]
    given = arguments(name, function, ids)
    said: list[object] = []

    async def attempt(uow: UnitOfWork, me: AgentActor) -> None:
        said.append(await function(uow, me, **given))
        raise Undone

    try:
        await inbox.acting(agent).write(attempt)
    except Undone:
        return "done", repr(said)
    except NotFound as error:
        return "not found", str(error)
    except Refused as error:
        return ("admins only" if str(error) == only_admins() else "refused"), str(error)
    except PfinboxError as error:
        return "refused", str(error)
    raise AssertionError("unreachable")


NAMED = {Over.TASK, Over.COMMENT, Over.OWN_COMMENT, Over.FILE, Over.DELIVERY, Over.CONTACT}
NAMED |= {Over.RECEIPT}
# What the furnished inbox has none of that boris could name.
MISSING = {Over.OWN_COMMENT, Over.RECEIPT}


async def test_r46_who_may_do_what_over_what_is_what_the_table_says(inbox: Inbox) -> None:
    """The owner of what is private, an admin without it, a colleague; over it and over the rest."""
    made = await world(inbox)
    seen = made.seen | {"client": made.seen["contact"], "receipt": 99}
    hidden = {**seen, **{kind: found[0] for kind, found in made.hidden.items()}}
    hidden["client"] = hidden["contact"]
    wrong = []
    for n, (name, right) in enumerate(RIGHTS.items()):
        if right.by not in ACTORS[AgentActor] or name in WHOLE_STORE:
            continue
        # An admin is as far from it as a colleague, but for what only admins may.
        strangers = (
            ("clara", "boris") if right.by is not By.AGENT else ("clara", "boris")[n % 2 :][:1]
        )
        for agent, ids in (
            ("anna", hidden),
            ("boris", seen),
            *((one, hidden) for one in strangers),
        ):
            if right.over is Over.OWN_COMMENT and ids is hidden:
                ids = hidden | {"comment": made.hidden["comment"][1]}
            word, said = await tried(inbox, agent, name, ids)
            if name in OF_EACH and word == "done" and "there is no task" in said:
                word = "not found"
            expected = {"done", "refused"}
            if agent == "boris" and right.by is By.ADMIN:
                expected = {"admins only"}
            elif agent == "boris" and right.by is By.ONESELF:
                expected = {"admins only", "not found"}
            elif right.over in NAMED and ids is not seen and agent != "anna":
                expected = {"not found"}
            elif right.over not in NAMED or (right.over in MISSING and ids is seen):
                expected |= {"not found"}
            if word not in expected:
                wrong.append(f"{name} as {agent}: {word} instead of {expected}: {said[:200]}")
            if agent != "anna" and SECRET in said.lower():
                wrong.append(f"{name} as {agent} says a secret: {said}")
            if ids is seen and (found := leaks(said, "", made.shared)):
                wrong.append(f"{name} as {agent} shows {found}: {said[:300]}")
    assert "\n".join(wrong) == ""


async def test_r44_r46_who_was_deactivated_does_nothing_more_on_an_open_screen(
    inbox: Inbox,
) -> None:
    await inbox.mails("Hello")
    boris, anna = inbox.acting("boris"), inbox.acting("anna")
    assert (await boris.read(queries.conversation, 1)).task.id == 1
    assert isinstance(boris, acting.Inbox)
    await anna.write(absence.deactivate, "boris")
    for name, (_function, actor) in USE_CASES.items():
        if actor is AgentActor and name not in PARTS:
            ids = dict.fromkeys(
                ("task", "comment", "contact", "client", "delivery", "attachment", "receipt"), 1
            )
            found = await tried(inbox, "boris", name, ids | {"other task": 1, "other contact": 1})
            assert found == ("refused", "agent boris is deactivated"), name
    with pytest.raises(Refused):
        await boris.read(queries.conversation, 1)
    await anna.write(agents.set_, "boris", active=True)
    assert (await boris.read(queries.conversation, 1)).task.id == 1
