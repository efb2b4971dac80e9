"""What a channel takes is known before sending (R25)."""

import pytest

from pfinbox.channels.meta import WHATSAPP
from pfinbox.domain.contract.channel import Limits
from pfinbox.domain.contract.files import Weighed
from pfinbox.domain.contract.parts import misfit


def test_r25_a_file_that_a_channel_does_not_take_is_refused() -> None:
    picture, paper = Weighed("a.png", "image/png", 3), Weighed("a.pdf", "application/pdf", 3)

    def said(limits: Limits, *files: Weighed, above: bool = False) -> str:
        reason = misfit(limits, files, above=above)
        return reason.sentence() if reason is not None else ""

    assert said(Limits(media_types=["image/png"]), picture) == ""
    assert said(Limits(max_file=3, files_per_part=1), picture, paper) == ""
    assert "JPEG, PNG only" in said(Limits(media_types=["image/jpeg", "image/png"]), paper)
    assert "too large" in said(Limits(max_file=2), picture)
    assert said(Limits(max_file=3, max_picture=2), paper) == ""
    assert "too large" in said(Limits(max_file=3, max_picture=2), picture)
    assert "all files together" in said(Limits(max_file=5), picture, paper)


@pytest.mark.parametrize(
    ("media_type", "size", "said"),
    [
        ("image/png", 5_000_000, None),
        ("image/png", 5_000_001, "5000000"),
        ("image/webp", 1, "JPEG, PNG"),
        ("video/mp4", 16_000_000, None),
        ("video/mp4", 16_000_001, "16000000"),
        ("application/pdf", 100_000_000, None),
        ("application/pdf", 100_000_001, "100000000"),
    ],
)
def test_r25_what_stands_above_a_template_has_limits_of_its_own(
    media_type: str, size: int, said: str | None
) -> None:
    file = [Weighed("above", media_type, size)]
    refused = misfit(WHATSAPP.limits, file, above=True)
    assert (refused is None) == (said is None)
    assert (said or "") in (refused.sentence() if refused is not None else "")
    # In place it goes as a document.
    if size < 100_000_000:
        assert misfit(WHATSAPP.limits, file) is None
