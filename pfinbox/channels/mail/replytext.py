"""The new part of a reply: quotations, attribution lines and signatures cut off.

Works line by line with patterns that cannot backtrack far, on lines cut to a fixed length:
reply parsers built of multi-line patterns take minutes for a few kilobytes of newlines.
Where nothing is certain, everything is kept.
"""

import re

_LINE = 300
_MAX_LINES = 20_000
_MAX_ATTRIBUTION = 4
_SIGNATURE_LINES = 25

# The verb that ends "On ..., Anna wrote:", by language: en ru uk pl de fr es it pt.
_WROTE = re.compile(
    r"(?:\bwrote|\bwrites|пишет|писал|писала|писал\(а\)|написал|написала|написал\(а\)"
    r"|пише|писав|написав|написала|\bpisze|\bpisał|\bpisała|\bpisał\(a\)"
    r"|\bnapisał|\bnapisała|\bnapisał\(a\)|\bnapisał/a"
    r"|\bschrieb(?: [^:]{0,120})?|\ba écrit|\bécrit|\bescribió|\bha scritto|\bescreveu)\s?:$",
    re.IGNORECASE,
)
_STARTS = re.compile(
    r"(?:On|Am|Le|El|Il|Em|W dniu|Dnia|Il giorno|No dia|В|На|At|Den|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}"
    r"|(?:пн|вт|ср|чт|пт|сб|вс|нд|pon|wt|śr|czw|pt|sob|niedz|ndz|mon|tue|wed|thu|fri|sat|sun)\b"
    r"|\d{1,2} \w)",
    re.IGNORECASE,
)
_DATED = re.compile(r"\d{1,2}[:.h]\d\d|\b(?:19|20)\d\d\b|@")
_ORIGINAL = re.compile(
    r"[-_—]{2,20} ?(?:Original Message|Original-Nachricht|Ursprüngliche Nachricht"
    r"|Исходное сообщение|Оригинальное сообщение|Вихідне повідомлення|Оригінальне повідомлення"
    r"|Oryginalna wiadomość|Wiadomość oryginalna|Message d[’']origine|Message original"
    r"|Mensaje original|Messaggio originale|Mensagem original) ?[-_—]{2,20}$",
    re.IGNORECASE,
)
_FORWARD = re.compile(
    r"(?:[-_—]{2,20} ?)?(?:Forwarded message|Begin forwarded message|Пересылаемое сообщение"
    r"|Пересланное сообщение|Начало переадресованного сообщения|Переслане повідомлення"
    r"|Wiadomość przekazana|Początek przekazywanej wiadomości|Weitergeleitete Nachricht"
    r"|Anfang der weitergeleiteten Nachricht|Message transféré|Début du message transféré"
    r"|Mensaje reenviado|Inicio del mensaje reenviado|Messaggio inoltrato"
    r"|Inizio messaggio inoltrato|Mensagem encaminhada|Início da mensagem encaminhada)\b",
    re.IGNORECASE,
)
_FROM = re.compile(r"\*?(?:From|От|От кого|Від|Od|Von|De|Da)\s?:\*?\s?\S", re.IGNORECASE)
_SENT = re.compile(
    r"\*?(?:Sent|Date|Отправлено|Дата|Надіслано|Wysłano|Wysłane|Data|Gesendet|Datum|Envoyé"
    r"|Enviado(?: el)?|Fecha|Inviato|Enviada(?: em)?)\s?:\*?\s?\S",
    re.IGNORECASE,
)
_TO = re.compile(
    r"\*?(?:To|Subject|Кому|Тема|Do|Temat|An|Betreff|À|Objet|Para|Asunto|A|Oggetto|Assunto)"
    r"\s?:\*?\s?\S",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"(?:Sent from (?:my |Mail|Outlook|Yahoo|Proton)|Get Outlook for |Отправлено (?:с|из) "
    r"|Надіслано з |Wysłane z |Wysłano z |Von meinem .{1,30} gesendet|Gesendet (?:von|mit) "
    r"|Envoyé de(?:puis)? (?:mon )?|Enviado desde |Inviato da(?:l mio)? |Enviado do )",
    re.IGNORECASE,
)
_LIST_FOOTER = re.compile(r"_{30,}$|-{30,}$")


def new_text(text: str) -> str | None:
    """What of ``text`` is new, or None where that is all of it, nothing, or cannot be told."""
    lines = text.split("\n", _MAX_LINES)
    heads = [line.strip()[:_LINE] for line in lines]
    cut = _quotation(heads)
    if cut is None:
        return None  # answers stand between the quoted lines
    cut = _signature(heads, cut)
    kept = "\n".join(lines[:cut]).strip()
    return kept if kept and kept != text.strip() else None


def _quotation(heads: list[str]) -> int | None:
    """Where the quotation at the end begins; its length where there is none; None: inline."""
    for index, head in enumerate(heads):
        if not head:
            continue
        if _FORWARD.match(head):
            return len(heads)  # what was forwarded is what the sender wants to show
        if head.startswith(">"):
            return _block(heads, index, index)
        if _ORIGINAL.match(head):
            return index
        if _is_outlook(heads, index):
            before = index - 1
            while before >= 0 and not heads[before]:
                before -= 1
            ruled = before >= 0 and _LIST_FOOTER.match(heads[before])
            return before if ruled else index
        if (end := _attribution(heads, index)) is not None:
            return _block(heads, index, end + 1)
    return len(heads)


def _block(heads: list[str], start: int, quoted: int) -> int | None:
    """``start`` where only quoted lines (and a signature) follow, else None for inline answers."""
    seen = False
    for index in range(quoted, len(heads)):
        head = heads[index]
        if head.startswith(">"):
            seen = True
        elif head and seen:
            if head == "--" or _DEVICE.match(head) or _LIST_FOOTER.match(head):
                return start
            if _attribution(heads, index) is not None:
                continue
            return None
    return start


def _attribution(heads: list[str], index: int) -> int | None:
    """The last line of "On <date>, <name> wrote:" that begins at ``index``, or None."""
    if not _STARTS.match(heads[index]) and not _DATED.search(heads[index]):
        return None
    joined = ""
    for end in range(index, min(index + _MAX_ATTRIBUTION, len(heads))):
        if not heads[end] or heads[end].startswith(">"):
            return None
        joined = f"{joined} {heads[end]}".strip()
        if _WROTE.search(joined[-_LINE:]):
            return end if _DATED.search(joined) or _quoted_next(heads, end + 1) else None
        # No verb at all, as Gmail writes it in Russian: a date, a colon and the quotation.
        if joined.endswith(":") and _DATED.search(joined) and _quoted_next(heads, end + 1):
            return end
    return None


def _quoted_next(heads: list[str], index: int) -> bool:
    while index < len(heads) and not heads[index]:
        index += 1
    return index < len(heads) and heads[index].startswith(">")


def _is_outlook(heads: list[str], index: int) -> bool:
    """The block From: / Sent: / To: / Subject: that Outlook puts above the mail it answers."""
    if not _FROM.match(heads[index]):
        return False
    near = [head for head in heads[index + 1 : index + 9] if head][:4]
    return any(_SENT.match(head) for head in near) and any(_TO.match(head) for head in near)


def _signature(heads: list[str], end: int) -> int:
    """``end``, or where the signature before it begins."""
    while end and not heads[end - 1]:
        end -= 1
    for index in range(end - 1, max(end - _SIGNATURE_LINES, 0) - 1, -1):
        if heads[index] == "--":
            return index
    if end and _DEVICE.match(heads[end - 1]):
        return end - 1
    return end
