"""Tags as they are kept."""

from pfinbox.domain.text.cleaning import clean_line


def tag_name(words: str) -> str:
    """A tag as it is kept, "" where nothing is left of the words."""
    return clean_line(words.lstrip("#"), 64).replace(" ", "-").lower()
