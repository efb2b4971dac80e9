"""Where deliveries stand in the outbox while an agent looks at it (R47)."""

from collections.abc import Sequence

from pfinbox.domain.outbound.delivery import TROUBLED, State
from pfinbox.store.rows import DeliveryRow
from pfinbox.tui.widgets.list_order import unsorted

# First what needs a person, then what is on its way, last what is scheduled.
GROUPS = (
    TROUBLED,
    (State.PENDING, State.SENDING, State.TRANSMITTING),
    (State.SCHEDULED,),
)


class OutboxOrder:
    """A delivery stays in its group and in its place, whatever becomes of it meanwhile.

    It goes to its new place when the agent leaves the outbox, or asks for it again.
    """

    def __init__(self) -> None:
        self._standing: list[list[int]] = [[] for _states in GROUPS]
        # So many need a person, and stand lower than they would in a list that is made anew.
        self.fallen = 0

    def arrange(self, rows: Sequence[DeliveryRow]) -> list[list[DeliveryRow]]:
        """The rows of each group; new ones stand where they belong."""
        places = {one: n for n, ids in enumerate(self._standing) for one in ids}
        found: list[list[DeliveryRow]] = [[] for _states in GROUPS]
        self.fallen = 0
        for row in rows:
            own = next((n for n, states in enumerate(GROUPS) if row.state in states), 0)
            place = places.get(row.id, own)
            found[place].append(row)
            self.fallen += own == 0 < place
        found = [unsorted(*one, ()) for one in zip(self._standing, found, strict=True)]
        self._standing = [[row.id for row in group] for group in found]
        return found
