"""A client's card in words: its head, what a merge joins, what a change would show (R26, R49)."""

from collections.abc import Mapping, Sequence

from pfinbox.domain.people.portal import Look
from pfinbox.i18n import _, ngettext
from pfinbox.store.rows import ContactRow, PortalVisitsRow
from pfinbox.wording.spans import Role, Spans, block, joined, outside, said
from pfinbox.wording.times import Clock


def card_head(contact: ContactRow) -> Spans:
    """Name, company and the switches, in words."""
    facts = [outside(contact.name, Role.NAME)]
    if contact.company:
        facts.append(outside(contact.company))
    facts.append(said(_("card {id}").format(id=contact.id), Role.ASIDE))
    if contact.selectable:
        facts.append(said(_("can be chosen in tasks"), Role.ASIDE))
    if contact.portal:
        facts.append(said(_("has access"), Role.ASIDE))
    return joined(" · ", facts, Role.ASIDE)


def access_line(contact: ContactRow, visits: PortalVisitsRow, clock: Clock) -> Spans:
    """Whether the contact has a page, when they were there, and how often a link was sent."""
    facts = [said(_("has access to a page") if contact.portal else _("no access to a page"))]
    if visits.last_visit_at is not None:
        facts.append(said(_("last visit {time}").format(time=clock.date(visits.last_visit_at))))
    elif contact.portal:
        facts.append(said(_("not visited yet")))
    if visits.last_link_at is not None:
        words = ngettext("{n} link sent", "{n} links sent", visits.links).format(n=visits.links)
        when = _("the last one {time}").format(time=clock.date(visits.last_link_at))
        facts.append(said(f"{words}, {when}"))
    return joined(" · ", facts, Role.ASIDE)


def revealed_lines(looks: Sequence[Look], names: Mapping[int, str]) -> list[Spans]:
    """The words that contacts would see, comment by comment, and why (R49)."""
    lines: list[Spans] = []
    for look in looks:
        head = _("{name} would see in #{task}: {why}").format(
            name=names.get(look.contact_id, "?"), task=look.task_id, why=look.reason.sentence()
        )
        lines += [outside(head, Role.ASIDE, 200), block(look.text.strip("\n")), ()]
    return lines[:-1]


def cards_together(survivor: ContactRow, other: ContactRow) -> list[Spans]:
    """What comes together on the surviving card (R26)."""
    lines: list[Spans] = []
    for heading, contact in ((_("stays"), survivor), (_("comes to it"), other)):
        count = len(contact.tasks)
        lines += [said(heading, Role.ASIDE), said("  ") + card_head(contact)]
        lines += [said("    ") + outside(a.value) for a in contact.addresses]
        words = ngettext("{n} task", "{n} tasks", count).format(n=count)
        lines += [said(f"    {words}", Role.ASIDE), ()]
    lines.append(said(_("Each task keeps its own channel and goes on working.")))
    return lines
