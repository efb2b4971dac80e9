"""Images drawn in the cells of the terminal, whatever a stranger calls an image."""

import io
import struct
import zlib

import pytest
from PIL import Image

from pfinbox.tui.files.picture import picture


def encoded(image: Image.Image, kind: str, **values: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **values)
    return file.getvalue()


def halves(width: int, height: int) -> Image.Image:
    """Red above, blue below."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (0, height // 2, width, height))
    return image


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
async def test_r20_an_image_is_drawn_in_its_shape_and_colours(kind: str) -> None:
    shown = await picture(encoded(halves(400, 200), kind), 40, 20)
    assert shown is not None
    lines = shown.split("\n")
    assert [len(line) for line in lines] == [40] * 10
    colours = [line.spans[0].style for line in lines]
    above, below = colours[0].foreground, colours[-1].background  # type: ignore[union-attr]
    assert above is not None
    assert below is not None
    assert (above.r > 200, above.b < 60) == (below.b > 200, below.r < 60) == (True, True)


async def test_a_small_one_is_not_made_larger_and_an_odd_row_has_nothing_below() -> None:
    shown = await picture(encoded(Image.new("RGBA", (3, 5)), "PNG"), 40, 20)
    assert shown is not None
    lines = shown.split("\n")
    assert [len(line) for line in lines] == [3, 3, 3]
    style = lines[-1].spans[0].style
    # Transparent: the paper shows.
    assert style.foreground.hex == "#FFFFFF"  # type: ignore[union-attr]
    assert style.background is None  # type: ignore[union-attr]


async def test_r20_what_is_no_honest_image_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = encoded(halves(40, 40), "PNG")
    rows = zlib.compress(bytes(60_001) * 10, 9)
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 3, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in ((b"IHDR", head), (b"PLTE", bytes(3)), (b"IDAT", rows), (b"IEND", b""))
    )
    for content in (bomb, whole[:60], whole[:20] + b"\xff" * 40 + whole[60:], b"", b"GIF89a"):
        assert await picture(content, 40, 20) is None
    assert await picture(whole, 1, 20) is None
    monkeypatch.setenv("NO_COLOR", "1")
    assert await picture(whole, 40, 20) is None
