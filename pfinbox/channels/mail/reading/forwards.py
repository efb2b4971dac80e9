"""Whose mail it is that somebody forwards: read from what mail programs write above it.

All of it is the forwarder's claim. The forms are those of Gmail, Outlook (desktop, new, web), Apple
Mail, Thunderbird, Yandex, Mail.ru and Yahoo, in English, Russian, Ukrainian, Polish and German.
Works line by line on lines cut to a fixed length; where nothing is certain, nothing is found.
"""

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo

from pfinbox.channels.mail.reading.addresses import parties
from pfinbox.channels.mail.reading.replytext import attributions, without_signature
from pfinbox.channels.mail.reading.written_date import written_date
from pfinbox.domain.contract.party import Party
from pfinbox.domain.text.subjects import is_answer, is_forward
from pfinbox.record import record

_LINE = 500
_MAX_LINES = 20_000
# Above what is forwarded stand a few words, and of heads one or two are looked at.
_MAX_ABOVE = 1_000
_MAX_TRIES = 100
# A head has so many lines at most; To and Cc may fill several.
_HEAD = 40

# Between dashes: the program that writes it so, where it is one alone.
_MARKS = (
    "Forwarded message",
    "Пересылаемое сообщение",  # Yandex, Mail.ru, Yahoo
    "Пересланное сообщение",
    "Перенаправленное сообщение",  # Thunderbird
    "Переслане повідомлення",
    "Перенаправлене повідомлення",
    "Treść przekazanej wiadomości",  # Thunderbird
    "Przekazana wiadomość",  # Yahoo
    "Wiadomość przekazana",
    "Weitergeleitete Nachricht",
)
# With a colon: Apple Mail.
_BEGINNINGS = (
    "Begin forwarded message",
    "Начало переадресованного сообщения",
    "Початок листа, що пересилається",
    "Początek przekazywanej wiadomości",
    "Anfang der weitergeleiteten Nachricht",
)
_ENDS = (
    "End (?:of )?forwarded message",
    "Конец пересылаемого сообщения",  # Yandex
    "Koniec przekazywanej wiadomości",
)
_MARK = re.compile(
    rf"(?:[-_—]{{2,20}} ?(?:{'|'.join(_MARKS)}) ?[-_—]{{2,20}}|(?:{'|'.join(_BEGINNINGS)}) ?:)$",
    re.IGNORECASE,
)
_MARK_ENDS = "-_—:"
_END = re.compile(rf"[-_—]{{2,20}} ?(?:{'|'.join(_ENDS)}) ?[-_—]{{2,20}}$", re.IGNORECASE)
# Outlook's and Yandex's (a line in HTML is four dashes), above a head without any other mark; also
# above answers.
_RULE = re.compile(
    r"_{10,}$|-{4,}$|-{2,20} ?(?:Original Message|Исходное сообщение|Оригинальное сообщение"
    r"|Вихідне повідомлення|Oryginalna wiadomość|Wiadomość oryginalna|Ursprüngliche Nachricht)"
    r" ?-{2,20}$",
    re.IGNORECASE,
)
_LABELS = {
    "from": "From|От|От кого|Отправитель|Від|Від кого|Od|Nadawca|Von",
    "date": "Date|Sent|Дата|Отправлено|Надіслано|Відправлено|Data|Wysłano|Wysłane|Datum|Gesendet",
    "subject": "Subject|Тема|Temat|Betreff",
    "to": "To|Кому|Do|Adresat|An",
    "cc": "Cc|Копия|Копія|Kopia|DW|Kopie",
    "reply": "Reply-To|Ответ-Кому|Кому відповісти|Odpowiedź-do|Antwort an",
    "other": "Importance|Важность|Ważność|Priority|Attachments|Вложения|Załączniki|Organization",
}
_LABEL = re.compile(
    r"\*{0,2}(?:" + "|".join(f"(?P<{kind}>{words})" for kind, words in _LABELS.items()) + ")"
    r"\*{0,2}\s?:\*{0,2}(?:\s+(?P<value>.*))?$",
    re.IGNORECASE,
)
# Yandex: 02.11.2026, 10:00, "Мария" <maria@client.example>:
_ATTRIBUTED = re.compile(
    r"(?P<date>\d{1,2}\.\d{1,2}\.\d{4}, \d{1,2}:\d\d), (?P<from>.{1,200}[>)\]]):$"
)
_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:]{1,64}@[^\s<>()\[\]\"',;:]{1,255}")
# Our own footnotes of links in HTML.
_FOOTNOTE = re.compile(r" \[\d{1,3}\]")


@record
class Found:
    """A forwarded mail, and ``note``: the forwarder's own words around it."""

    sender: Party
    text: str
    note: str
    subject: str | None = None
    sent_at: datetime | None = None
    # The date as it is written.
    dated: str = ""


@dataclass(slots=True)
class _Head:
    values: dict[str, str]
    # The first line that is none of its own.
    end: int


def find(text: str, subject: str, zone: tzinfo) -> Found | None:
    """The mail that ``text`` forwards; ``subject`` and ``zone`` are those of the forward."""
    lines = [line[:_LINE] for line in text.split("\n", _MAX_LINES)]
    start = _start(lines, subject)
    if start is None:
        return None
    above, first = start
    body = lines[first:]
    is_quoted = _is_quoted(body)
    head = _head(_unquoted(body)[0] if is_quoted else body)
    sender = _party(head.values.get("from", ""))
    if sender is None:
        return None
    # Cut lines are for looking at: what is kept is whole.
    whole = text.split("\n", _MAX_LINES)
    said, below = _unquoted(whole[first:]) if is_quoted else (whole[first:], [])
    original, after = _until_end(said[head.end :])
    words = "\n".join(whole[:above]).strip("\n")
    note = "\n\n".join(
        part for part in (_words(words), _words("\n".join([*below, *after]))) if part
    )
    dated = head.values.get("date", "").strip("* ")
    return Found(
        sender=sender,
        text="\n".join(original).strip("\n"),
        note=note,
        subject=head.values.get("subject", "").strip("* ") or None,
        sent_at=written_date(dated, zone),
        dated=dated,
    )


def _start(lines: list[str], subject: str) -> tuple[int, int] | None:
    """Where the forwarder's words end and where the head begins, if that is a forward's head."""
    tries = 0
    attribution_at = attributions(lines[: _MAX_ABOVE + _HEAD])
    for index, line in enumerate(lines[:_MAX_ABOVE]):
        bare = line.strip()
        if not bare:
            continue
        if bare[-1] in _MARK_ENDS and _MARK.match(bare.lstrip("> ")):
            return index, index + 1
        # Every label has a colon, as few other lines have.
        labelled = ":" in bare
        tries += labelled
        if tries > _MAX_TRIES:
            return None
        if labelled and _begins_head(lines, index):
            if is_answer(subject) and not is_forward(subject):
                return None
            above = index
            while above and not lines[above - 1].strip():
                above -= 1
            if above and _RULE.match(lines[above - 1].strip()):
                above -= 1
            return above, index
        if bare.startswith(">") or attribution_at(index):
            return None  # an answer, whatever its quotation forwards
    return None


def _begins_head(lines: list[str], index: int) -> bool:
    """From, date and subject near each other; Outlook and Yandex write no mark above them."""
    if not _LABEL.match(lines[index].strip()) and not _ATTRIBUTED.match(lines[index].strip()):
        return False
    before = index - 1
    while before >= 0 and not lines[before].strip():
        before -= 1
    if before >= 0 and _LABEL.match(lines[before].strip()) and before == index - 1:
        return False  # looked at already
    values = _head([line.lstrip("> ") for line in lines[index : index + _HEAD]]).values
    ruled = before >= 0 and _RULE.match(lines[before].strip()) is not None
    needed = {"from", "date"} if ruled else {"from", "date", "subject"}
    return needed <= values.keys() and _party(values["from"]) is not None


def _head(lines: list[str]) -> _Head:
    """The labelled lines at the beginning, values by their kind."""
    values: dict[str, str] = {}
    last = ""
    at = 0
    while at < len(lines) and not lines[at].strip():
        at += 1
    for index in range(at, min(len(lines), at + _HEAD)):
        line = " ".join(lines[index].split())
        if found := _LABEL.match(line):
            last = next(kind for kind in _LABELS if found[kind])
            values.setdefault(last, (found["value"] or "").lstrip("| "))
        elif found := _ATTRIBUTED.match(line):
            values = {kind: value.rstrip("; ") for kind, value in values.items()}
            values |= {key: value for key, value in found.groupdict().items() if value}
            return _Head(values, index + 1)
        elif line and _goes_on(last, values, line, lines[index + 1 : index + 4]):
            values[last] = f"{values[last]} {line}".strip()
        elif line or (values and "from" in values):
            return _Head(values, index)
    return _Head(values, min(len(lines), at + _HEAD))


def _goes_on(last: str, values: dict[str, str], line: str, following: list[str]) -> bool:
    """Whether a line without a label belongs to the one above: programs fold long ones."""
    if not last:
        return False
    if last in ("to", "cc", "from"):
        return values[last] == "" or "@" in line or values[last].endswith((",", ";"))
    return values[last] == "" or any(_LABEL.match(" ".join(one.split())) for one in following)


def _is_quoted(lines: list[str]) -> bool:
    """Apple Mail quotes what it forwards."""
    return next((line for line in lines if line.strip()), "").startswith(">")


def _unquoted(lines: list[str]) -> tuple[list[str], list[str]]:
    """Without one sign of quotation, and what stands below the quotation."""
    last = max((n for n, line in enumerate(lines) if line.startswith(">")), default=-1)
    inner = [line[1:].removeprefix(" ") if line.startswith(">") else line for line in lines]
    return inner[: last + 1], lines[last + 1 :]


def _until_end(lines: list[str]) -> tuple[list[str], list[str]]:
    ends = (n for n, line in enumerate(lines) if _END.match(line.strip()[:_LINE]))
    end = next(ends, None)
    return (lines, []) if end is None else (lines[:end], lines[end + 1 :])


def _words(text: str) -> str:
    return without_signature(text).strip()


def _party(value: str) -> Party | None:
    """``Name <a@b>``, ``Name [mailto:a@b]``, ``"a@b" <a@b<mailto:a@b>>``, ``a@b``."""
    plain = _FOOTNOTE.sub("", value).replace("mailto:", "").replace("*", "")
    found = list(_ADDRESS.finditer(plain))
    if not found:
        return None
    # In a name there may stand an address as well: the one in brackets counts.
    bracketed = [one for one in found if plain[: one.start()].rstrip()[-1:] in ("<", "[", "(")]
    chosen = (bracketed or found)[0]
    name = plain[: chosen.start()].strip(" <[(\"'")
    (*_none, known) = parties([f"<{chosen[0]}>"]) or (None,)
    if known is None or (name.lower() == known.value):
        return known
    return Party(known.value, name[:150])
