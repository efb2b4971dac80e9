"""``python -m pfinbox.tui.files.pdf_text``: a PDF's text, from stdin to stdout, within limits."""

import io
import sys

from pfinbox import confining
from pfinbox.tui.files.sandbox import CPU, MEMORY, WITHOUT

PAGES, MOST = 20, 200_000


def main() -> int:
    try:
        from pypdf import PdfReader
    except ImportError:
        return WITHOUT
    confining.confine(MEMORY, CPU)
    written = 0
    with io.BytesIO(sys.stdin.buffer.read()) as file:
        for page in PdfReader(file).pages[:PAGES]:
            text = page.extract_text()[: MOST - written]
            written += len(text)
            sys.stdout.buffer.write(f"{text}\n\n".encode("utf-8", "replace"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
