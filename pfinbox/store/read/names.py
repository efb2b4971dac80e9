"""Names to show: contacts by their root card, agents with their login."""

from typing import Any

from sqlalchemy import Row

from pfinbox.store import tables as t
from pfinbox.store.rows import Person

# The card that was written down, and the card that it was merged into (itself, mostly).
written = t.contact.alias("written")
card = t.contact.alias("root_card")

COLUMNS: tuple[Any, ...] = (
    card.c.id.label("person_contact_id"),
    card.c.name.label("person_contact"),
    t.agent.c.id.label("person_agent_id"),
    t.agent.c.name.label("person_agent"),
    t.agent.c.login.label("person_login"),
)


def contact_person(id: int, name: str) -> Person:  # noqa: A002
    return Person("contact", id, name)


def agent_person(id: int, name: str, login: str) -> Person:  # noqa: A002
    return Person("agent", id, name, login)


def join_person(source: Any, table: Any) -> Any:
    """Join whoever ``table.agent_id`` or ``table.contact_id`` names, for :data:`COLUMNS`."""
    return (
        source.outerjoin(t.agent, t.agent.c.id == table.c.agent_id)
        .outerjoin(written, written.c.id == table.c.contact_id)
        .outerjoin(card, card.c.id == written.c.root_id)
    )


def person_of(row: Row[Any]) -> Person | None:
    """The person in :data:`COLUMNS` of ``row``, None where nobody is named."""
    if row.person_agent_id is not None:
        return agent_person(row.person_agent_id, row.person_agent, row.person_login)
    if row.person_contact_id is not None:
        return contact_person(row.person_contact_id, row.person_contact)
    return None
