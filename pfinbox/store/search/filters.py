"""A parsed query as conditions on tasks and comments, for the search and the task list alike."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, not_, or_, select, true

from pfinbox.domain.text.query import Condition, Query, Term, parse
from pfinbox.domain.text.tags import tag_name
from pfinbox.domain.text.words import stands_in, words
from pfinbox.record import record
from pfinbox.store import tables as t
from pfinbox.store.read.visibility import Viewer
from pfinbox.store.search import states
from pfinbox.store.search.entries import place
from pfinbox.store.search.fulltext import Needles, phrases
from pfinbox.store.search.matching import all_words
from pfinbox.store.uow import UnitOfWork

# Made once: an alias of a table costs more than most of these conditions cost the database.
_gone = t.comment.alias("gone")
_member = t.task.alias("member")
_card, _written, _chosen = t.contact.alias(), t.contact.alias(), t.task.alias()


@record
class Wanted:
    """What an agent looks for. ``people``: for each name that was typed, the agents it means."""

    query: Query
    who: Viewer
    needles: Needles
    people: dict[str, tuple[int, ...]]
    zone: tzinfo
    now: datetime
    # The index is asked for shorter words, and what it finds for the words themselves.
    shortened: bool = False

    def of_task(self, root: Any) -> list[ColumnElement[bool]]:
        """What must hold for the task, which is a root."""
        found = [_negated(_OF_TASK[c.name](self, root, c), c) for c in self._only(_OF_TASK)]
        for number in self.query.tasks:
            behind = select(t.task.c.root_id).where(t.task.c.id == number).correlate(None)
            found.append(root.c.id.in_(behind))
        if self.query.hopeless:
            found.append(false())
        return found

    def of_comment(self, comment: Any, origin: Any) -> list[ColumnElement[bool]]:
        """What must hold for the row of ``search_text`` and its comment.

        ``origin`` is the task that it was written in.
        """
        found = [
            _negated(_OF_COMMENT[c.name](self, comment, origin, c), c)
            for c in self._only(_OF_COMMENT)
        ]
        if not self.query.asks("in"):
            # Few were deleted, and they have an index of their own.
            deleted = exists().where(
                _gone.c.id == t.search_text.c.comment_id, _gone.c.deleted_at.is_not(None)
            )
            found.append(~deleted.correlate(t.search_text))
        return found

    def between(self) -> tuple[int | None, int | None]:
        """The first key of the index at which a hit may stand, and the one before which it does."""
        begins, ends = None, None
        for one in self.query.conditions:
            if one.name not in ("before", "after") or one.day is None:
                continue
            key = place(_begin(one.day, self.zone), 0)
            if (one.name == "after") != one.negated:
                begins = max(begins or 0, key)
            else:
                ends = min(ends, key) if ends is not None else key
        return begins, ends

    def few(self, most: int) -> list[list[Select[tuple[int]]]]:
        """Conditions that may hold for few tasks: statements that together give them all.

        Each gives ``most`` at the most, some of them by the numbers of merged tasks.
        """
        found: list[list[Select[tuple[int]]]] = []
        if self.query.tasks:
            found.append([select(t.task.c.id).where(t.task.c.id.in_(self.query.tasks))])
        for by in self.query.conditions:
            if not by.negated and (make := _FEW.get(by.name)) is not None:
                found.append(make(self, by))
        return [[one.limit(most) for one in choice] for choice in found if choice]

    def tag(self) -> tuple[str, ...]:
        """A tag that is asked for, as it may be spelt; nothing where none is."""
        asked = (by for by in self.query.conditions if by.name == "tag" and not by.negated)
        return next((_tags(by) for by in asked), ())

    def without_tag(self, name: str) -> "Wanted":
        """The same without asking for a tag that all that is looked at has."""
        left = (
            by
            for by in self.query.conditions
            if by.negated or by.name != "tag" or name not in _tags(by)
        )
        return self._with(self.needles, tuple(left))

    def of_tasks_comments(self) -> "tuple[Wanted, list[Wanted]]":
        """For finding tasks: what one comment of it must be, and what none may be.

        In a list, ``-refund`` means a task without a refund, not one that says something else too.
        """
        about_comments = [c for c in self.query.conditions if c.name in _OF_COMMENT]
        others = tuple(c for c in self.query.conditions if c.name not in _OF_COMMENT)
        one = tuple(c for c in about_comments if not c.negated)
        must = self._with(Needles(self.needles.wanted), (*others, *one))
        never = [self._with(Needles((choice,)), others) for choice in self.needles.unwanted]
        never += [
            self._with(Needles(()), (*others, replace(c, negated=False)))
            for c in about_comments
            if c.negated
        ]
        return must, never

    def _with(self, needles: Needles, conditions: tuple[Condition, ...]) -> "Wanted":
        query = replace(self.query, conditions=conditions)
        return replace(self, needles=needles, query=query)

    @property
    def looks_at_comments(self) -> bool:
        """Whether anything is wanted that a comment has, besides words."""
        return bool(self._only(_OF_COMMENT))

    def _only(self, known: dict[str, Any]) -> list[Condition]:
        return [one for one in self.query.conditions if one.name in known]


async def wanted(uow: UnitOfWork, who: Viewer, text: str) -> Wanted:
    """``text`` understood for this agent, in one statement; UsageError says what is wrong."""
    query = parse(text)
    rows = await uow.connection.execute(
        select(t.agent.c.id, t.agent.c.login, t.agent.c.name, t.agent.c.email, t.agent.c.timezone)
    )
    agents = rows.all()
    by_term: dict[Term, tuple[int, ...]] = {}
    for term in query.terms:
        if term.where != "text":
            by_term[term] = _named(agents, who, term.words, term.prefix)
    choices = [(term.negated, tuple(phrases(term, by_term))) for term in query.terms]
    needles = Needles(
        tuple(choice for negated, choice in choices if not negated),
        tuple(choice for negated, choice in choices if negated),
    )
    people = {
        one.value: _named(agents, who, words(one.value), prefix=True)
        for one in query.conditions
        if one.name == "assignee"
    }
    return Wanted(query, who, needles, people, _zone(agents, who), uow.now)


def _named(
    agents: Any, who: Viewer, phrase: tuple[str, ...] | list[str], prefix: bool
) -> tuple[int, ...]:
    """The agents whom these words mean by login, name or e-mail address; ``me``: the viewer."""
    if list(phrase) == ["me"]:
        return (who.agent_id,)
    return tuple(
        row.id
        for row in agents
        if phrase
        and any(
            stands_in(phrase, prefix, words(text or ""))
            for text in (row.login, row.name, row.email)
        )
    )


def _zone(agents: Any, who: Viewer) -> tzinfo:
    """The viewer's own: a day begins where the agent is."""
    name = next((row.timezone for row in agents if row.id == who.agent_id), None)
    try:
        return ZoneInfo(name) if name else UTC
    except (KeyError, ValueError, OSError):  # a zone that this machine does not know
        return UTC


def _negated(condition: ColumnElement[bool], by: Condition) -> ColumnElement[bool]:
    return not_(condition) if by.negated else condition


def _status(wanted: Wanted, root: Any, by: Condition) -> ColumnElement[bool]:
    return _any_case(root.c.status, by.value)


def _tag(wanted: Wanted, root: Any, by: Condition) -> ColumnElement[bool]:
    # Asked of one task: a tag may be on a great many.
    here = exists().where(t.tag.c.task_id == _member.c.id, t.tag.c.name.in_(_tags(by)))
    return exists().where(_member.c.root_id == root.c.id, here.correlate(_member)).correlate(root)


def _tags(by: Condition) -> tuple[str, ...]:
    return tuple(sorted({tag_name(by.value), by.value}))


def _assignee(wanted: Wanted, root: Any, by: Condition) -> ColumnElement[bool]:
    if by.value.lower() == "none":
        return and_(root.c.assignee_agent_id.is_(None), root.c.assignee_contact_id.is_(None))
    # Null would make the opposite of it unknown, too.
    agent_id = func.coalesce(root.c.assignee_agent_id, 0)
    contact_id = func.coalesce(root.c.assignee_contact_id, 0)
    return or_(agent_id.in_(wanted.people[by.value]), contact_id.in_(_helpers(by)))


def _helpers(by: Condition) -> Select[tuple[int]]:
    """Cards of that name which tasks are assigned to: few are, and to look at all takes long."""
    chosen = t.task.c.assignee_contact_id
    return (
        select(_written.c.id)
        .join(_card, _card.c.id == _written.c.root_id)
        .where(
            _written.c.id.in_(select(chosen).where(chosen.is_not(None)).correlate(None)),
            all_words([_card.c.name], by.value),
        )
    )


def _few_assigned(wanted: Wanted, by: Condition) -> list[Select[tuple[int]]]:
    if by.value.lower() == "none" or wanted.query.asks("in"):
        return []
    theirs = t.task.c.assignee_agent_id.in_(wanted.people[by.value])
    done = and_(t.DONE, t.task.c.assignee_agent_id.is_not(None), theirs)
    helped = t.task.c.assignee_contact_id.in_(_helpers(by))
    return [states.those(one) for one in (and_(t.OPEN, theirs), done, helped)]


def _is(wanted: Wanted, root: Any, by: Condition) -> ColumnElement[bool]:
    return states.state(by.value, wanted.who, wanted.now, root)


def _few_that_are(wanted: Wanted, by: Condition) -> list[Select[tuple[int]]]:
    thrown = wanted.query.asks("in")
    return states.few(by.value, wanted.who, wanted.now, thrown=thrown)


def _account(wanted: Wanted, comment: Any, origin: Any, by: Condition) -> ColumnElement[bool]:
    column = t.account.c.channel if by.name == "channel" else t.account.c.name
    accounts = select(t.account.c.id).where(_any_case(column, by.value))
    # An agent's comment belongs to no account: the task's counts.
    return and_(func.coalesce(comment.c.account_id, origin.c.account_id, 0).in_(accounts))


def _when(wanted: Wanted, comment: Any, origin: Any, by: Condition) -> ColumnElement[bool]:
    at = comment.c.created_at
    begin = _begin(by.day or date.max, wanted.zone)
    return and_(at < begin) if by.name == "before" else and_(at >= begin)


def _has(wanted: Wanted, comment: Any, origin: Any, by: Condition) -> ColumnElement[bool]:
    return exists().where(t.attachment.c.comment_id == comment.c.id).correlate(comment)


def _in(wanted: Wanted, root: Any, by: Condition) -> ColumnElement[bool]:
    if by.value in ("all", "spam"):
        return true() if by.value == "all" else and_(root.c.spam)
    return and_(root.c.deleted_at.is_not(None), ~root.c.spam)


def _begin(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _any_case(column: Any, value: str) -> ColumnElement[bool]:
    return and_(column.in_({value, value.lower(), value.upper(), value.capitalize()}))


_OF_TASK: dict[str, Callable[[Wanted, Any, Condition], ColumnElement[bool]]] = {
    "status": _status,
    "tag": _tag,
    "assignee": _assignee,
    "is": _is,
    "in": _in,
}
_FEW: dict[str, Callable[[Wanted, Condition], list[Select[tuple[int]]]]] = {
    "status": lambda _wanted, by: [states.those(_any_case(t.task.c.status, by.value))],
    "assignee": _few_assigned,
    "has": lambda _wanted, _by: [states.with_files()],
    "tag": lambda _wanted, by: [states.tagged(_tags(by))],
    "is": _few_that_are,
}
_OF_COMMENT: dict[str, Callable[[Wanted, Any, Any, Condition], ColumnElement[bool]]] = {
    "channel": _account,
    "account": _account,
    "before": _when,
    "after": _when,
    "has": _has,
}
