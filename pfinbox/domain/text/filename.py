"""Names that strangers gave to files, made harmless."""

import re

from pfinbox.domain.text.cleaning import clean_line


def safe_name(name: str) -> str:
    """The sender's name for the file as one that can do no harm in a folder; "" if none is left."""
    plain = re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", clean_line(name, 120))
    # No hidden file, and nothing that a command would take for an option.
    return plain.lstrip(" .-").rstrip(" .")
