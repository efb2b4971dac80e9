"""Address lists (From, To, Cc, Reply-To) to parties, in one pass whatever they hold."""

import re
from collections.abc import Iterator

from pfinbox.channels.mail.reading.headers import words
from pfinbox.domain.contract.party import Party
from pfinbox.domain.text.mail_address import normalise

MAX_ADDRESSES = 500

_Q_WORD = re.compile(r"=\?[^?\s]{1,75}\?[qQ]\?[^?]*\?=")
_SPECIAL = re.compile(r'[,;:<>()"\\]')
_ANGLED = re.compile(r"<([^<>]{1,320})>")


def parties(values: list[str]) -> tuple[Party, ...]:
    """The mailboxes of these fields in order, each address once; groups give their members."""
    found: dict[str, Party] = {}
    for value in values:
        for name, address in _mailboxes(value):
            try:
                known = normalise(address)
            except ValueError:
                continue
            found.setdefault(known, Party(known, name))
            if len(found) >= MAX_ADDRESSES:
                return tuple(found.values())
    return tuple(found.values())


def _mailboxes(value: str) -> Iterator[tuple[str, str]]:
    for phrase, angled, comment in _split(value):
        if angled is not None:
            yield _name(phrase) or _name(comment), angled.strip()
        elif "@" in phrase:
            yield _name(comment), phrase.strip().strip("'\"")


def _name(phrase: str) -> str:
    name = " ".join(words(phrase).split())
    # Outlook puts names in quotes of their own: 'Anna'.
    doubled = len(name) > 2 and name[0] == name[-1] and name[0] in "'\""
    return name[1:-1].strip() if doubled else name


def _split(value: str) -> Iterator[tuple[str, str | None, str]]:  # noqa: C901, PLR0912 a state machine
    """(phrase, what stands in angle brackets or None, comments) of every list member."""
    phrase: list[str] = []
    angled: list[str] | None = None
    comment: list[str] = []
    quoted = False
    in_angle = False
    depth = 0
    skip = False
    # Commas and the like inside of encoded words belong to a name, though they should be hidden.
    value = _Q_WORD.sub(lambda word: _SPECIAL.sub(_hide, word.group()), value)
    for char in value:
        if skip:
            skip = False
            (comment if depth else phrase).append(char)
        elif char == "\\" and (quoted or depth):
            skip = True
        elif quoted:
            if char == '"':
                quoted = False
            else:
                phrase.append(char)
        elif depth:
            depth += (char == "(") - (char == ")")
            comment.append(char if depth else " ")
        elif in_angle:
            if char == ">":
                in_angle = False
            elif angled is not None:
                angled.append(char)
        elif char == '"':
            quoted = True
        elif char == "(":
            depth = 1
        elif char == "<":
            angled, in_angle = [], True
        elif char == ":" and angled is None:
            phrase.clear()  # the name of a group
        elif char in ",;":
            yield "".join(phrase), None if angled is None else "".join(angled), "".join(comment)
            phrase, angled, comment = [], None, []
        else:
            phrase.append(char)
    if quoted and angled is None and (rest := _ANGLED.search("".join(phrase))) is not None:
        # The closing quote is missing.
        yield "".join(phrase)[: rest.start()], rest.group(1), ""
        return
    yield "".join(phrase), None if angled is None else "".join(angled), "".join(comment)


def _hide(special: re.Match[str]) -> str:
    return f"={ord(special.group()):02X}"
