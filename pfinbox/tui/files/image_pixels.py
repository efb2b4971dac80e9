"""``python -m pfinbox.tui.files.image_pixels WIDTH HEIGHT``: an image made small, within limits.

From stdin to stdout: ``WIDTH HEIGHT`` and a line feed, then three bytes a pixel, row by row.
"""

import io
import sys
import warnings

from pfinbox import confining
from pfinbox.tui.files.sandbox import CPU, MEMORY, WITHOUT

# Others have no picture in a terminal, or readers that nobody looks after.
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")


def main(width: int, height: int) -> int:
    try:
        from PIL import Image, ImageOps
    except ImportError:
        return WITHOUT
    # Its readers of each format, while files may still be opened in number.
    Image.preinit()
    Image.init()
    confining.confine(MEMORY, CPU)
    # More pixels than a camera makes are a bomb.
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    with Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=FORMATS) as image:
        image.draft("RGB", (width, height))
        small = ImageOps.exif_transpose(image).convert("RGBA")
    small.thumbnail((width, height))
    # What is transparent is mostly meant for white paper.
    page = Image.new("RGBA", small.size, "white")
    page.alpha_composite(small)
    sys.stdout.buffer.write(f"{page.width} {page.height}\n".encode())
    sys.stdout.buffer.write(page.convert("RGB").tobytes())
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
