"""``python -m pfinbox.tui.pdf_text``: a PDF's text, from stdin to stdout, within limits."""

import contextlib
import io
import resource
import sys

# Pages, characters, bytes of memory, seconds of CPU.
PAGES, MOST, MEMORY, CPU = 20, 200_000, 1 << 30, 15
WITHOUT = 3


def main() -> int:
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU))
    try:
        from pypdf import PdfReader
    except ImportError:
        return WITHOUT
    written = 0
    with io.BytesIO(sys.stdin.buffer.read()) as file:
        for page in PdfReader(file).pages[:PAGES]:
            text = page.extract_text()[: MOST - written]
            written += len(text)
            sys.stdout.buffer.write(f"{text}\n\n".encode("utf-8", "replace"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
