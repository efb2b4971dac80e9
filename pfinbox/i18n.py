"""Sentences in the reader's language: ``_("...")`` looks a sentence up when it is shown.

What is stored and what goes into JSON carries kinds and arguments, never a result of ``_``. A
sentence that stands where it is not shown yet (a table of help texts) is marked by ``N_`` there
and looked up by ``_`` when it is.
"""

import gettext
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

LOCALE_DIR = Path(__file__).parent / "locale"
# What the sentences in the source are written in, and a catalogue for each of the others.
LANGUAGES = ("en", "pl", "ru")

_DOMAIN = "pfinbox"

_catalogue: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"
# What is written for somebody else, for as long as it is being written.
_lent: ContextVar[tuple[str, gettext.NullTranslations] | None] = ContextVar("lent", default=None)


def set_language(language: str | None = None) -> None:
    """Speak ``language`` ("ru", "pl" ...), else what the environment asks for, else English."""
    global _catalogue, _language
    _language = choose([language] if language else wanted(os.environ))
    _catalogue = _read(_language)


@contextmanager
def speaking(language: str | None) -> Iterator[None]:
    """Speak another agent's language meanwhile, in this task alone; None: nothing changes."""
    known = language if language in LANGUAGES else None
    lent = _lent.set((known, _read(known)) if known is not None else None)
    try:
        yield
    finally:
        _lent.reset(lent)


def _read(language: str | None) -> gettext.NullTranslations:
    if language in (None, "en"):
        return gettext.NullTranslations()
    # Read from the disk once: Python keeps it.
    return gettext.translation(_DOMAIN, LOCALE_DIR, [language], fallback=True)


def language() -> str:
    """The language that is spoken now, one of LANGUAGES."""
    lent = _lent.get()
    return lent[0] if lent is not None else _language


def _spoken() -> gettext.NullTranslations:
    lent = _lent.get()
    return lent[1] if lent is not None else _catalogue


def lend_to_libraries(language: str | None) -> None:
    """Let libraries that ask Python's gettext (click) find their sentences in our catalogues.

    They can only be told the language by the environment, which programs that are started from
    here inherit; so it is set only where the configuration names a language.
    """
    gettext.bindtextdomain(_DOMAIN, str(LOCALE_DIR))
    gettext.textdomain(_DOMAIN)
    if language:
        os.environ["LANGUAGE"] = language


def wanted(environment: Mapping[str, str]) -> Sequence[str]:
    """The languages that a POSIX environment asks for, best first: ``ru_RU.UTF-8``, ``pl`` ..."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            return value.split(":")
    return ()


def choose(wanted: Sequence[str]) -> str:
    """The first of ``wanted`` that is one of LANGUAGES; English is one although it has no file."""
    for name in wanted:
        bare = name.replace(".", "_").replace("@", "_").replace("-", "_").partition("_")[0].lower()
        if bare in LANGUAGES:
            return bare
        if bare in ("c", "posix"):
            break
    return "en"


def _(sentence: str) -> str:
    return _spoken().gettext(sentence)


def ngettext(singular: str, plural: str, n: int) -> str:
    """The form of the sentence that fits ``n``."""
    return _spoken().ngettext(singular, plural, n)


def pgettext(context: str, sentence: str) -> str:
    """A sentence that is translated differently in different places; ``context`` names this one."""
    return _spoken().pgettext(context, sentence)


def N_(sentence: str) -> str:  # noqa: N802 - gettext's own name for it
    """Marks a sentence for the catalogues, unchanged."""
    return sentence
