"""The line that the list shows of a comment."""

from pfinbox.domain.text.cleaning import clean_line

LENGTH = 160


def preview(text: str, file_name: str = "") -> str:
    """The beginning of the text, or the name of the first file where there is no text."""
    line = clean_line(text[: LENGTH * 8], LENGTH)
    return line or clean_line(file_name, LENGTH)
