"""Whoever acts: an agent, a contact on their own page, or the program itself (R46)."""

from pfinbox.record import record


@record
class AgentActor:
    """An employee; whether an admin, the store says at each use (it may change meanwhile)."""

    id: int
    # Pairs of contact and comment that the agent agreed to reveal (R49); True: any of them.
    agreed: frozenset[tuple[int, int]] | bool = False


@record
class ContactActor:
    """A client: all the cards of one person, and the only task to see (None: all of theirs)."""

    contact_ids: frozenset[int]
    task_id: int | None = None


@record
class SystemActor:
    """The program, in nobody's name; ``cause`` is a stable word for why it acts."""

    cause: str


Actor = AgentActor | ContactActor | SystemActor
