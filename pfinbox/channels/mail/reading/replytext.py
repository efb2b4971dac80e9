"""The new part of a reply: quotations, attribution lines and signatures cut off.

Works line by line with patterns that cannot backtrack far, on lines cut to a fixed length:
reply parsers built of multi-line patterns take minutes for a few kilobytes of newlines.
Where nothing is certain, everything is kept.
"""

import re
from collections.abc import Callable

_LINE = 300
_MAX_LINES = 20_000
_MAX_ATTRIBUTION = 4
_SIGNATURE_LINES = 25
# So many lines that look like the beginning of a quotation and are none: somebody plays with us.
_MAX_TRIES = 500

# The verb that ends "On ..., Anna wrote:", by language: en ru uk pl de fr es it pt.
_WROTE = re.compile(
    r"(?:\bwrote|\bwrites|пишет|писал|писала|писал\(а\)|написал|написала|написал\(а\)"
    r"|пише|писав|написав|написала|\bpisze|\bpisał|\bpisała|\bpisał\(a\)"
    r"|\bnapisał|\bnapisała|\bnapisał\(a\)|\bnapisał/a"
    r"|\bschrieb(?: [^:]{0,120})?|\bgeschrieben|\ba écrit|\bécrit|\bescribió|\bha scritto"
    r"|\bescreveu(?: \([^()]{1,60}\))?)\s?:$",
    re.IGNORECASE,
)
# How such a line begins, a date in it at once: "On Mon", "Le mar.", "Dnia", "2 nov", "2.11.2026".
_STARTS = re.compile(
    r"(?:(?:On|Am|Le|El|Il|Em|W dniu|Dnia|Il giorno|No dia|В|На|At|Den)\b.{0,40}\d"
    r"|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d{1,2} \w"
    r"|(?:пн|вт|ср|чт|пт|сб|вс|нд|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье"
    r"|pon|wt|śr|czw|pt|sob|niedz|ndz|mon|tue|wed|thu|fri|sat|sun)\b)",
    re.IGNORECASE,
)
# No verb at all: a time, an address, a colon. So Mail.ru, Ukr.net and Yandex write it.
_ADDRESSED = re.compile(
    r"\d{1,2}[:.]\d\d.{0,200}[<(\[][^<>()\[\]\s]{1,100}@[^<>()\[\]\s]{1,200}[>)\]]\s?:$"
)
# mutt: "* Anna <anna@x> [2026-11-03 09:14 +0100]:"
_MUTT = re.compile(r"\* .{1,200} \[\d{4}-\d\d-\d\d \d\d:\d\d[^\]]{0,20}\]:$")
_DATED = re.compile(r"\d{1,2}[:.h]\d\d|\b(?:19|20)\d\d\b|@")
_ORIGINAL = re.compile(
    r"[-_—]{2,20} ?(?:Original Message|Original-Nachricht|Ursprüngliche Nachricht"
    r"|Исходное сообщение|Оригинальное сообщение|Вихідне повідомлення|Оригінальне повідомлення"
    r"|Oryginalna wiadomość|Wiadomość oryginalna|Message d[’']origine|Message original"
    r"|Mail original|Mensaje original|Messaggio originale|Mensagem original) ?[-_—]{2,20}$",
    re.IGNORECASE,
)
_FORWARD = re.compile(
    r"(?:[-_—]{2,20} ?)?(?:Forwarded message|Begin forwarded message|Пересылаемое сообщение"
    r"|Пересланное сообщение|Перенаправленное сообщение|Przekazana wiadomość"
    r"|Treść przekazanej wiadomości|Начало переадресованного сообщения|Переслане повідомлення"
    r"|Wiadomość przekazana|Początek przekazywanej wiadomości|Weitergeleitete Nachricht"
    r"|Anfang der weitergeleiteten Nachricht|Message transféré|Début du message transféré"
    r"|Mensaje reenviado|Inicio del mensaje reenviado|Messaggio inoltrato"
    r"|Inizio messaggio inoltrato|Mensagem encaminhada|Início da mensagem encaminhada)\b",
    re.IGNORECASE,
)
_LABEL_END = r"\s?:\*?\s{0,20}\S"
_FROM = re.compile(r"\*?(?:From|От|От кого|Від|Od|Von|De|Da)" + _LABEL_END, re.IGNORECASE)
_SENT = re.compile(
    r"\*?(?:Sent|Date|Отправлено|Дата|Надіслано|Wysłano|Wysłane|Data|Gesendet|Datum|Envoyé"
    r"|Enviado(?: el)?|Fecha|Inviato|Enviada(?: em)?)" + _LABEL_END,
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"\*?(?:Subject|Тема|Temat|Betreff|Objet|Asunto|Oggetto|Assunto)" + _LABEL_END, re.IGNORECASE
)
# "Sent from my iPhone": words that say so, and a program or a thing that sends. "Sent from Leeds on
# Monday" is what a client has to say.
_DEVICE = re.compile(
    r"(?=.{0,120}$)(?:Sent (?:from|with|via|using)\b"
    r"|(?:Get|Download|Holen Sie sich|Obtenir|Télécharge[rz]|Obtener|Ottieni|Obter o|Obtenha o"
    r"|Pobierz(?: aplikację| program)?|Получить|Получите|Скачать"
    r"|Отримати|Отримайте|Завантажити) (?=Outlook)"
    r"|(?=Outlook für .{1,30} (?:beziehen|holen))"
    r"|Отправлено (?:с|из|через)\b|Надіслано (?:з|із|через)\b|Wysłan[eoy] (?:z|za|przy|przez)\b"
    r"|Von meine[mr]\b|Gesendet (?:von|mit|über|aus)\b"
    r"|Diese (?:Nachricht|E-Mail) wurde von meine[mr]\b"
    r"|Envoyé (?:de|depuis|à partir|avec)\b|Enviad[oa] (?:desde|con|do|de|a partir|pelo)\b"
    r"|Inviat[oa] (?:da|dal|con|tramite)\b)"
    r".{0,100}?(?:iphone|ipad|android|samsung|galaxy|xiaomi|redmi|huawei|honor\b|pixel|blackberry"
    r"|outlook|gmail|yahoo|proton|spark\b|mailspring|thunderbird|\bmail\b|mail\.ru|почт|пошт|poczt"
    r"|e-mail-app|web\.de|gmx|windows|mobil|мобильн|мобільн|smartphone|смартфон|smartfon|\bhandy\b"
    r"|tele?fono|telefon|téléphone|телефон|\bphone\b|tablet|планшет|устройств|пристро|urządzeni"
    r"|dispositiv|application|aplicaci|aplicativo|aplikac|app\b|приложени|застосун)",
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


def without_signature(text: str) -> str:
    """``text`` up to the signature at its end."""
    lines = text.split("\n", _MAX_LINES)
    return "\n".join(lines[: _signature([line.strip()[:_LINE] for line in lines], len(lines))])


def attributions(lines: list[str]) -> Callable[[int], bool]:
    """Whether "On <date>, <name> wrote:" begins in the line of this number."""
    heads = [line.strip()[:_LINE] for line in lines]
    ends = _attribution_ends(heads)

    def at(index: int) -> bool:
        last = ends[index]
        if last is None:
            return False
        return _is_attribution(heads[index : index + _MAX_ATTRIBUTION + 4], 0, last - index)

    return at


def _quotation(heads: list[str]) -> int | None:
    """Where the quotation at the end begins; its length where there is none; None: inline."""
    ends = _attribution_ends(heads)
    tries = 0
    for index, head in enumerate(heads):
        if not head:
            continue
        if head.startswith(">"):
            return _block(heads, index, index)
        if _FORWARD.match(head):
            return len(heads)  # what was forwarded is what the sender wants to show
        if _ORIGINAL.match(head):
            return index
        last = ends[index]
        labelled = ":" in head
        if not labelled and last is None:
            continue
        tries += 1
        if tries > _MAX_TRIES:
            return len(heads)
        if labelled and _is_outlook(heads, index):
            before = index - 1
            while before >= 0 and not heads[before]:
                before -= 1
            ruled = before >= 0 and _LIST_FOOTER.match(heads[before])
            return before if ruled else index
        if last is not None and _is_attribution(heads, index, last):
            return _block(heads, index, last + 1)
    return len(heads)


def _attribution_ends(heads: list[str]) -> list[int | None]:
    """For each line the next one that ends with a colon, near enough and in the same paragraph."""
    ends: list[int | None] = [None] * len(heads)
    following: int | None = None
    for index in range(len(heads) - 1, -1, -1):
        head = heads[index]
        if not head or head.startswith(">"):
            following = None
        elif head.endswith(":"):
            following = index
        if following is not None and following - index < _MAX_ATTRIBUTION:
            ends[index] = following
    return ends


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
            if _mentions_author(heads, index):
                continue
            return None
    return start


def _mentions_author(heads: list[str], index: int) -> bool:
    """Whether an attribution begins here: mail programs leave those of older mails unquoted."""
    near = heads[index : index + _MAX_ATTRIBUTION]
    last = next((n for n, head in enumerate(near) if head.endswith(":") or not head), None)
    return last is not None and bool(near[last]) and _is_attribution(heads, index, index + last)


def _is_attribution(heads: list[str], index: int, last: int) -> bool:
    """Whether "On <date>, <name> wrote:" stands in the lines from ``index`` to ``last``."""
    first = heads[index]
    if first[:1] == "*" and _MUTT.match(first):
        return True
    if not _STARTS.match(first) and not _DATED.search(first):
        return False
    # The nearest line that could be its beginning is: what stands above are the client's words.
    if any(_STARTS.match(head) for head in heads[index + 1 : last + 1]):
        return False
    joined = " ".join(heads[index : last + 1])
    if _WROTE.search(joined[-_LINE:]):
        return bool(_DATED.search(joined)) or _quoted_next(heads, last + 1)
    if _ADDRESSED.search(joined[-2 * _LINE :]):
        return True
    # No verb at all, as Gmail writes it in Russian: a date, a colon and the quotation.
    return bool(_DATED.search(joined)) and _quoted_next(heads, last + 1)


def _quoted_next(heads: list[str], index: int) -> bool:
    while index < len(heads) and not heads[index]:
        index += 1
    return index < len(heads) and heads[index].startswith(">")


def _is_outlook(heads: list[str], index: int) -> bool:
    """The block From: / Sent: / To: / Subject: above the mail that is answered, in any order."""
    head = heads[index]
    if not _FROM.match(head) and not _SENT.match(head):
        return False
    # With its subject: From, To and Date alone may be somebody's freight order.
    near = [near for near in heads[index : index + 12] if near][:8]
    return all(any(label.match(one) for one in near) for label in (_FROM, _SENT, _SUBJECT))


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
