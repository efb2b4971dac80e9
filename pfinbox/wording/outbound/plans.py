"""The delivery plan in words, as the head line of the composer says it (R14, R16, R17)."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.model import Notify, Who
from pfinbox.domain.outbound.planning.delivery_plan import DeliveryPlan, PlanRow
from pfinbox.i18n import _, ngettext
from pfinbox.store.rows import CommentRow
from pfinbox.wording.names import channel_name
from pfinbox.wording.spans import Role, Spans, joined, outside, said
from pfinbox.wording.times import Clock


def plan_words(
    mode: str,
    notify: Notify | None,
    plan: DeliveryPlan | None,
    names: Mapping[Who, str],
    clock: Clock,
) -> Spans:
    """One sentence; ``notify`` None means that it is still being looked up."""
    if notify is None:
        return said("…", Role.ASIDE)
    if not notify.who and not notify.newcomers:
        if mode == "note":
            return said(_("internal: nobody outside sees this"), Role.INSIDE) + said(
                _(", nobody will be notified"), Role.ASIDE
            )
        return said(_("nobody will be notified"), Role.WARNING)
    agents = [who for who in notify.who if who.kind == "agent"]
    if notify.internal:
        people = _people(agents, names)
        return (
            said(_("internal: nobody outside sees this"), Role.INSIDE)
            + said(_(", for "), Role.ASIDE)
            + people
        )
    rows = [row for row in plan.rows if row.recipient.kind == "contact"] if plan else []
    parts = [said(_("to "), Role.ASIDE)]
    ways = [_way(row) + _open_until(row, clock) + _later(row) for row in rows]
    ways = ways or [_people(list(notify.who), names)]
    parts.append(joined(", ", ways))
    if plan is not None and agents:
        count = ngettext("{n} colleague", "{n} colleagues", len(agents)).format(n=len(agents))
        parts.append(said(_(", and {colleagues}").format(colleagues=count), Role.ASIDE))
    return joined("", parts)


def mail_words(plan: DeliveryPlan) -> Spans:
    """To whom a mail goes that has no task yet."""
    rows = [row for row in plan.rows if row.recipient.kind == "contact"]
    return said(_("to "), Role.ASIDE) + joined(", ", map(_way, sorted(rows, key=_in_copy)))


def _in_copy(row: PlanRow) -> bool:
    return row.copy


def way_name(way: str) -> str:
    """By what a task's comments go (R16): own, last, all, or an account by its name."""
    words = {
        "own": _("the task's own way"),
        "last": _("the way the client used last"),
        "all": _("all ways of this task"),
    }
    return words.get(way, way)


def plan_trouble(
    plan: DeliveryPlan | None, key_of: Callable[[str], str] | None = None
) -> Spans | None:
    """What the agent must know before sending: errors first, then warnings.

    ``key_of``: how the key of a command is spelled that may help.
    """
    if plan is None:
        return None
    reasons = [*plan.errors, *plan.warnings]
    reasons += [warning for row in plan.rows for warning in row.warnings]
    reasons = [reason for reason in reasons if reason.kind != "nobody_notified"]
    if not reasons:
        return None
    kinds = {reason.kind for reason in reasons}
    if key_of is not None:
        # The hint says the same.
        reasons = [reason for reason in reasons if reason.kind != "templates_go"]
    sentences = dict.fromkeys(reason.sentence() for reason in reasons)
    hint = ""
    if key_of is not None and "goes_on_in" in kinds:
        hint = _("  ({key} goes there)").format(key=key_of("go_on"))
    elif key_of is not None and plan.errors:
        hint = _("  ({key} chooses another way)").format(key=key_of("another_way"))
    if key_of is not None and "templates_go" in kinds:
        hint = _("  ({key} offers templates)").format(key=key_of("template")) + hint
    return (
        said("! ", Role.WARNING)
        + outside(" · ".join(sentences), Role.WARNING)
        + said(hint, Role.ASIDE)
    )


def moment_words(moment: str, *, anyway: bool) -> Spans:
    """When it goes out, and what would keep it back (R18)."""
    rest = _(", also if the client writes") if anyway else _(", held if the client writes")
    when = _("goes out {time}").format(time=moment)
    return said(when, Role.OUTSIDE) + said(rest, Role.ASIDE)


def quote_words(quoted: CommentRow | None) -> Spans:
    """What the answer quotes (R19), in one line; None: a comment that is not on the screen."""
    sign = said("↳ " + _("quotes "), Role.ASIDE)
    if quoted is None:
        return sign + said(_("an earlier comment"), Role.ASIDE)
    text = quoted.new_text or quoted.text or _("(only files)")
    name = quoted.author.name or _("somebody outside pfinbox")
    what = outside(name, Role.OUTSIDE, 40) + said(": ", Role.ASIDE)
    return sign + what + outside(text, Role.ASIDE, 200)


def meanwhile_words(row: CommentRow) -> Spans:
    """Who said what while an answer was written, in one line."""
    name = row.author.name or _("somebody outside pfinbox")
    said_here = row.new_text or row.text or _("(only files)")
    if row.direction == "incoming":
        verb = _(" wrote meanwhile: ")
    else:
        verb = _(" noted meanwhile: ") if row.internal else _(" answered meanwhile: ")
    who = said("! ", Role.WARNING) + outside(name, Role.WARNING, 40)
    return who + said(verb, Role.WARNING) + outside(said_here, Role.ASIDE, 120)


def _way(row: PlanRow) -> Spans:
    name = outside(row.name, Role.OUTSIDE)
    if row.copy:
        name = said(_("Cc ")) + name
    if row.account is None:
        return name
    words = _("by {channel}").format(channel=channel_name(row.account.channel))
    by = said(" ") + outside(words, Role.ASIDE)
    if row.template is not None:
        by += outside(_(", as template {name}").format(name=row.template), Role.OUTSIDE)
    # A messenger's chat key tells a person nothing; an e-mail address does.
    by_mail = row.account.can(Capability.GLOBAL_ADDRESSES)
    if row.address and by_mail and row.address != row.name:
        return name + by + said(" ") + outside(row.address, Role.OUTSIDE)
    return name + by


def _open_until(row: PlanRow, clock: Clock) -> Spans:
    """How long the chat can be written to, where that ends (R25)."""
    if row.closes_at is None or row.error is not None or row.closes_at <= clock.now:
        return ()
    role = Role.WARNING if row.closes_at - clock.now < timedelta(hours=1) else Role.ASIDE
    left = clock.left(row.closes_at)
    return said(_(" (can be written to for {time})").format(time=left), role)


def _later(row: PlanRow) -> Spans:
    """Where what is not seen there follows by e-mail."""
    if row.later is None:
        return ()
    unseen = _(", unseen after {n} min by e-mail").format(n=max(row.later.seconds // 60, 1))
    return said(unseen + " ", Role.ASIDE) + outside(row.later.address, Role.OUTSIDE)


def _people(people: list[Who], names: Mapping[Who, str]) -> Spans:
    return joined(", ", (outside(names.get(who, "…"), Role.OUTSIDE) for who in people))
