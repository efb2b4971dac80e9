"""The delivery plan in words (R14, R25)."""

from datetime import UTC, datetime, timedelta

import pytest

from pfinbox.domain.contract.channel import Capability, Limits
from pfinbox.domain.model import Account, Notify, Who
from pfinbox.domain.outbound.planning.delivery_plan import DeliveryPlan, PlanRow
from pfinbox.wording.outbound.plans import plan_words
from pfinbox.wording.spans import plain
from pfinbox.wording.times import Clock

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
MARIA = Who("contact", 1)
VK = Account(1, "vk", "vk", Capability(0), Limits(reply_window=24 * 3600))


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(hours=3, minutes=12), "3 h 12 min"),
        (timedelta(minutes=59, seconds=30), "59 min"),
        (timedelta(minutes=-1), ""),
        (None, ""),
    ],
)
def test_r25_a_reply_window_is_a_clock(left: timedelta | None, words: str) -> None:
    closes_at = NOW + left if left is not None else None
    plan = DeliveryPlan((PlanRow(MARIA, "Maria", VK, 7, "42", closes_at=closes_at),))
    said = plain(plan_words("reply", Notify((MARIA,)), plan, {MARIA: "Maria"}, Clock(NOW)))
    assert ("can be written to for" in said) is bool(words)
    assert words in said
