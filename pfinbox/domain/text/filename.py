"""Names that strangers gave to files, made harmless."""

import os.path
import re

from pfinbox.domain.text.cleaning import clean_line

# Devices on Windows, whatever their ending: a file may be fetched to such a machine.
_DEVICE = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\s*(\.|$))")
# File systems take 255 bytes; some is left for a number.
_MOST_BYTES, _MOST_OF_ENDING = 200, 40


def safe_name(name: str) -> str:
    """The sender's name for the file as one that can do no harm in a folder; "" if none is left."""
    plain = re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", clean_line(name, 120))
    # No hidden file, and nothing that a command would take for an option.
    plain = plain.lstrip(" .-").rstrip(" .")
    return _DEVICE.sub(r"_\1", plain) if _DEVICE.match(plain) else plain


def file_name(name: str, attachment_id: int) -> str:
    """What the file is called on the agent's machine, at most 200 bytes, its ending kept."""
    whole = safe_name(name) or f"attachment-{attachment_id}"
    stem, ending = os.path.splitext(whole)
    ending = ending if len(ending.encode()) <= _MOST_OF_ENDING else ""
    room = _MOST_BYTES - len(ending.encode())
    return stem.encode()[:room].decode("utf-8", "ignore") + ending
