"""An e-mail address as people type it, in the one spelling that is stored and compared."""

import re

from pfinbox.i18n import _

# What every server takes: RFC 5321 without quoted local parts and address literals.
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,64}@[^\s@<>()\[\],;:\"\\/]{1,253}")
_ANGLED = re.compile(r"<([^<>]{1,320})>\s*$")


def normalise(typed: str) -> str:
    """``Anna <Anna@Example.com>`` becomes ``anna@example.com``; ValueError for no address."""
    text = typed.strip()[:1000]
    if (angled := _ANGLED.search(text)) is not None:
        text = angled.group(1)
    text = text.strip().removeprefix("mailto:").lower()
    # Some programs take an encoded word apart even there, and find another address in it.
    if _ADDRESS.fullmatch(text) is None or not text.isprintable() or "=?" in text:
        raise ValueError(_("{text} is not an e-mail address").format(text=repr(typed[:80])))
    local, _at, domain = text.rpartition("@")
    if not domain.isascii():
        domain = domain.encode("idna").decode("ascii")  # UnicodeError is a ValueError
    # Again: the letters that IDNA puts in place of others may be blanks and signs.
    sound = _ADDRESS.fullmatch(f"{local}@{domain}") is not None
    if not sound or domain.startswith(".") or domain.endswith(".") or ".." in domain:
        raise ValueError(_("{text} is not an e-mail address").format(text=repr(typed[:80])))
    return f"{local}@{domain}"
