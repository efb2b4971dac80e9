"""One key on what did not arrive: nothing that may have arrived is repeated beside it (R24)."""

from pfinbox.tui.commands.task.failed_delivery import certain_first
from tests.tui.test_hostile import a_comment


def test_r24_what_failed_for_certain_is_tried_again_first() -> None:
    failed, unknown, *_others = a_comment("x").deliveries
    assert certain_first([unknown, failed]) == [failed]
    assert certain_first([unknown]) == [unknown]
