"""Sentences in the reader's language: ``_("...")`` looks a sentence up when it is shown.

What is stored and what goes into JSON carries kinds and arguments, never a result of ``_``.
"""

import gettext
from pathlib import Path

LOCALE_DIR = Path(__file__).parent / "locale"

_catalogue: gettext.NullTranslations = gettext.NullTranslations()


def set_language(*languages: str) -> None:
    """Use the first of ``languages`` ("ru", "pl" ...) that has a catalogue, else English."""
    global _catalogue
    _catalogue = gettext.translation("pfinbox", LOCALE_DIR, languages or None, fallback=True)


def _(sentence: str) -> str:
    return _catalogue.gettext(sentence)


def ngettext(singular: str, plural: str, n: int) -> str:
    """The form of the sentence that fits ``n``."""
    return _catalogue.ngettext(singular, plural, n)
