"""An agent corrects what an agent wrote: who may, and where the comment is already (R11)."""

from pfinbox.domain.outbound.delivery import WAITING, PartState, State
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.record import record


@record
class Written:
    """A comment with its deliveries to contacts and their parts."""

    id: int
    text: str
    # None for a client's comment.
    agent_id: int | None
    hidden: bool
    deleted: bool
    # Id and state.
    deliveries: tuple[tuple[int, str], ...] = ()
    # States.
    parts: frozenset[str] = frozenset()
    # A delivery that waits may have arrived already.
    doubted: bool = False

    @property
    def waiting(self) -> list[int]:
        """The deliveries that have not left yet."""
        return [delivery_id for delivery_id, state in self.deliveries if state in WAITING]

    @property
    def outside(self) -> bool:
        """Whether a client has the comment, or may have it."""
        gone = {state for _id, state in self.deliveries} - {*WAITING, State.WITHDRAWN}
        if gone == {State.FAILED}:
            raise Refused(_("its delivery failed: withdraw that first, or write the comment anew"))
        if self.doubted:
            raise Refused(_("it may have arrived, and is tried again: wait until that is known"))
        # Some parts of a long text may have left.
        return bool(gone) or not self.parts <= {PartState.PENDING, PartState.FAILED}


def must_be_own(comment: Written, agent_id: int) -> Written:
    """The agent's own comment, which is still there."""
    if comment.agent_id != agent_id:
        raise Refused(_("only its author can change or delete a comment"))
    if comment.deleted:
        raise Refused(_("comment {id} is deleted already").format(id=comment.id))
    return comment
