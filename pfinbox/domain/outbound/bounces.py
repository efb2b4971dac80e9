"""Which deliveries a mail that came back is about (R24)."""

from collections.abc import Iterable

from pfinbox.domain.contract.reason import Reason
from pfinbox.record import record


@record
class Handed:
    """A delivery of a mail of ours that may have come back, with one of its parts."""

    delivery_id: int
    part_id: int
    state: str
    address: str


def named(handed: Iterable[Handed], reason: Reason) -> list[Handed]:
    """Of several recipients of one mail those whom the bounce names, when it names any.

    Each delivery once, in the order of their ids.
    """
    by_delivery = {one.delivery_id: one for one in handed}
    some = [by_delivery[delivery_id] for delivery_id in sorted(by_delivery)]
    recipients = [str(one).lower() for one in reason.args.get("recipients", ())]
    if recipients and len(some) > 1:
        return [one for one in some if one.address in recipients]
    return some
