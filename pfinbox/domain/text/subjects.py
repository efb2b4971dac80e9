"""Subjects: the signs that mail programs put before them, in many languages; titles of tasks."""

import re

from pfinbox.domain.text.cleaning import clean, clean_line

# RFC 5322 names Re: only; programs translate it: de AW/WG, pl Odp/PD, fr RE/TR, es/pt RES/RV/ENC,
# it R/I, ru Отв/На/Пер, uk Відп/Ha, nordic Sv/Vs/VB, hu Vá, tr Ynt, nl Antw/Doorst, ro Fw.
_SIGN = re.compile(
    r"\s{0,9}(?:re|aw|antw|antwort|odp|ha|на|отв|ответ|відп|sv|vs|vb|vá|res|r|rif|ynt|bls"
    r"|fwd?|wg|pd|tr|rv|enc|i|пер|пересл|fs|doorst)"
    r"(?:\s{0,3}[\[(^]\s{0,3}\d{1,3}\s{0,3}[\])]?)?\s{0,3}[:：]",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\[#\d{1,9}\]")
_MAX = 500
_SIGNS = 30
# The first line of a text stands for a subject as far as a list shows it.
_FIRST_LINE = 80


def title(subject: str | None, text: str, file_name: str = "") -> str:
    """What a task is called: the subject, else the first line of the text, else a file's name."""
    if line := clean_line(subject or ""):
        return line
    first = next((line for line in clean(text).splitlines() if line.strip()), file_name)
    return clean_line(first, _FIRST_LINE) or "…"


def stem(subject: str) -> tuple[str, bool]:
    """The subject as compared, and whether it was an answer's: ``("question", True)``."""
    whole = subject[:_MAX]
    rest = without_signs(whole)
    return " ".join(_NUMBER.sub(" ", rest).split()).casefold(), rest is not whole


def without_signs(subject: str) -> str:
    """What an answer or a forward is about: ``Question``, where its subject is ``Re: Question``."""
    rest = subject
    for _ in range(_SIGNS):
        found = _SIGN.match(rest)
        if found is None:
            break
        rest = rest[found.end() :]
    return rest if rest is subject else rest.lstrip()


_FORWARD = re.compile(
    r"\s{0,9}(?:fwd?|wg|pd|tr|rv|enc|i|vs|vb|doorst|пер|пересл|fs"
    r"|przekaz|podaj dalej)\s{0,3}[:：]",
    re.IGNORECASE,
)


def is_answer(subject: str) -> bool:
    """Whether its first sign is one of answers or forwards."""
    return _SIGN.match(subject[:_MAX]) is not None


def is_forward(subject: str) -> bool:
    """Whether its first sign says that something is forwarded: ``Fwd: Re: question``."""
    return _FORWARD.match(subject[:_MAX]) is not None


def without_forward(subject: str) -> str:
    """As it was before it was forwarded; signs of answers are the sender's own."""
    rest = subject.strip()
    for _ in range(_SIGNS):
        found = _FORWARD.match(rest[:_MAX])
        if found is None:
            break
        rest = rest[found.end() :].strip()
    return rest
