"""The delivery plan in words, as the head line of the composer says it (R14, R16, R17)."""

from collections.abc import Mapping

from textual.content import Content

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.model import Notify, Who
from pfinbox.domain.outbound.plan import DeliveryPlan, PlanRow
from pfinbox.i18n import _, ngettext
from pfinbox.store.rows import CommentRow
from pfinbox.tui import safe
from pfinbox.tui.keymap import spelled

# Style names: the composer's component classes.
OUTSIDE, INSIDE, TROUBLE, QUIET = "plan--outside", "plan--inside", "plan--trouble", "plan--quiet"


def plan_words(
    mode: str, notify: Notify | None, plan: DeliveryPlan | None, names: Mapping[Who, str]
) -> Content:
    """One sentence; ``notify`` None means that it is still being looked up."""
    if notify is None:
        return Content.styled("…", QUIET)
    if not notify.who and not notify.newcomers:
        if mode == "note":
            return Content.assemble(
                (_("internal: nobody outside sees this"), INSIDE),
                (_(", nobody will be notified"), QUIET),
            )
        return Content.styled(_("nobody will be notified"), TROUBLE)
    agents = [who for who in notify.who if who.kind == "agent"]
    if notify.internal:
        people = _people(agents, names)
        return Content.assemble(
            Content.styled(_("internal: nobody outside sees this"), INSIDE),
            Content.styled(_(", for "), QUIET),
            people,
        )
    rows = [row for row in plan.rows if row.recipient.kind == "contact"] if plan else []
    parts = [Content.styled(_("to "), QUIET)]
    ways = [_way(row) for row in rows] or [_people(list(notify.who), names)]
    parts.append(Content(", ").join(ways))
    if plan is not None and agents:
        count = ngettext("{n} colleague", "{n} colleagues", len(agents)).format(n=len(agents))
        parts.append(Content.styled(_(", and {colleagues}").format(colleagues=count), QUIET))
    return Content.assemble(*parts)


def plan_trouble(plan: DeliveryPlan | None, key: str = "") -> Content | None:
    """What the agent must know before sending: errors first, then warnings.

    ``key`` goes to the task in which the chat goes on.
    """
    if plan is None:
        return None
    reasons = [*plan.errors, *plan.warnings]
    reasons += [warning for row in plan.rows for warning in row.warnings]
    reasons = [reason for reason in reasons if reason.kind != "nobody_notified"]
    if not reasons:
        return None
    sentences = dict.fromkeys(reason.sentence() for reason in reasons)
    hint = ""
    if key and any(reason.kind == "goes_on_in" for reason in reasons):
        hint = _("  ({key} goes there)").format(key=spelled(key))
    return Content.assemble(
        Content.styled("! ", TROUBLE), safe.line(" · ".join(sentences), TROUBLE), (hint, QUIET)
    )


def moment_words(moment: str, *, anyway: bool) -> Content:
    """When it goes out, and what would keep it back (R18)."""
    rest = _(", also if the client writes") if anyway else _(", held if the client writes")
    when = _("goes out {time}").format(time=moment)
    return Content.assemble((when, OUTSIDE), (rest, QUIET))


def quote_words(quoted: CommentRow | None, key: str, width: int) -> Content:
    """What the answer quotes (R19), in one line; None: a comment that is not on the screen."""
    sign = Content.styled("↳ " + _("quotes "), QUIET)
    if quoted is None:
        what = Content.styled(_("an earlier comment"), QUIET)
    else:
        text = quoted.new_text or quoted.text or _("(only files)")
        name = quoted.author.name or _("somebody outside pfinbox")
        what = Content.assemble(
            safe.line(name, OUTSIDE, 40), (": ", QUIET), safe.line(text, QUIET, 200)
        )
    hint = _("  ({key} leaves it out)").format(key=spelled(key)) if key else ""
    room = max(width - len(hint), 12)
    line = Content.assemble(sign, what).truncate(room, ellipsis=True)
    return Content.assemble(line, (hint, QUIET))


def _way(row: PlanRow) -> Content:
    name = safe.line(row.name, OUTSIDE)
    if row.account is None:
        return name
    words = _("by {channel}").format(channel=row.account.channel)
    by = Content.assemble(" ", safe.line(words, QUIET))
    # A messenger's chat key tells a person nothing; an e-mail address does.
    if row.address and row.account.can(Capability.GLOBAL_ADDRESSES):
        return Content.assemble(name, by, " ", safe.line(row.address, OUTSIDE))
    return Content.assemble(name, by)


def _people(people: list[Who], names: Mapping[Who, str]) -> Content:
    return Content(", ").join(safe.line(names.get(who, "…"), OUTSIDE) for who in people)
