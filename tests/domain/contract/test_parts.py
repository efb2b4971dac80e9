"""What a channel takes is known before sending (R25)."""

import pytest

from pfinbox.domain.contract.channel import Limits
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.parts import must_fit
from pfinbox.errors import Refused


def test_r25_a_file_that_a_channel_does_not_take_is_refused() -> None:
    picture, paper = File("a.png", "image/png", b"png"), File("a.pdf", "application/pdf", b"pdf")
    must_fit([Limits(), Limits(media_types=["image/png"])], [picture])
    must_fit([Limits(max_file=3, files_per_part=1)], [picture, paper])
    with pytest.raises(Refused, match=r"a\.pdf: .* JPEG, PNG only"):
        must_fit([Limits(), Limits(media_types=["image/jpeg", "image/png"])], [picture, paper])
    with pytest.raises(Refused, match="too large"):
        must_fit([Limits(max_file=2)], [picture])
    with pytest.raises(Refused, match="all files together"):
        must_fit([Limits(max_file=5)], [picture, paper])
