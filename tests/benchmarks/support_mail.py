"""A mailbox of support mail as it is: threads in two languages, quotations, HTML, a file here and
there, 7.8 KB each; the same for the same number of mails. Written straight into a Maildir.
"""

import os
import quopri
import random
from base64 import b64encode, encodebytes
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.header import Header
from email.utils import formatdate
from itertools import accumulate
from pathlib import Path

_ENGLISH = (
    "the a to of and in for is on with your you we it not have can please order account payment"
    " invoice refund delivery shipment password login error support problem help thanks team"
)
_RUSSIAN = (
    "и в не на что с по это как у за от мы вы для заказ счёт оплата возврат доставка пароль вход"
    " ошибка поддержка обращение проблема помощь спасибо уважением команда договор накладная"
)
_SYLLABLES = "ba be bi bo da de di do fa ka ke ki ko la le li lo ma me mi mo na ne ni no"
_SLOGI = "ба бе би бо да де ди до ва ка ке ки ко ла ле ли ло ма ме ми мо на не ни но"
_WORDS = 15_000
_NAMES = "Anna Boris Clara Dmitri Elena Frank Galina Henry Irina John Katya Leo Maria"
_FIRST = 1_700_000_000


@dataclass
class _Thread:
    russian: bool
    name: str
    address: str
    start: int
    subject: str
    ids: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Mail:
    message_id: str
    at: int
    data: bytes


class _Language:
    """Words by how often they are said (Zipf), most of them made up."""

    def __init__(self, rare: random.Random, said: str, syllables: str) -> None:
        words = dict.fromkeys(said.split())
        while len(words) < _WORDS:
            words["".join(rare.choices(syllables.split(), k=rare.randint(2, 4)))] = None
        self._words = list(words)
        self._weights = list(accumulate(1 / (rank + 8) for rank in range(_WORDS)))

    def lines(self, rare: random.Random, count: int) -> list[str]:
        words = rare.choices(self._words, cum_weights=self._weights, k=count)
        return [" ".join(words[start : start + 10]) for start in range(0, count, 10)]


def mails(count: int) -> Iterator[Mail]:
    """Every fifth begins a thread; who writes in it alternates, the desk's mails lie here, too."""
    rare = random.Random(1)
    english = _Language(rare, _ENGLISH, _SYLLABLES)
    russian = _Language(rare, _RUSSIAN, _SLOGI)
    threads: list[_Thread] = []
    for number in range(count):
        # Old threads are answered more often than a moment ago's.
        if not threads or rare.random() < 0.2:
            own = rare.random() < 0.35
            name = " ".join(rare.choices(_NAMES.split(), k=2))
            host = f"client{len(threads) % 613}.example"
            said = (russian if own else english).lines(rare, 7)[0]
            at = _FIRST + rare.randrange(40_000_000)
            address = f"{name.replace(' ', '.').lower()}{len(threads)}@{host}"
            thread = _Thread(own, name, address, at, said)
            threads.append(thread)
        else:
            thread = threads[int(rare.random() ** 1.6 * len(threads))]
        yield _mail(rare, number, thread, russian if thread.russian else english)


def _mail(rare: random.Random, number: int, thread: _Thread, language: _Language) -> Mail:
    message_id = f"<{number:07d}.{rare.getrandbits(48):012x}@mail{number % 97}.example>"
    at = thread.start + 3600 * len(thread.ids)
    client, desk = f"{thread.name} <{thread.address}>", "Support Desk <support@pfinbox.example>"
    sender, recipient = (client, desk) if len(thread.ids) % 2 == 0 else (desk, client)
    subject = f"Re: {thread.subject}" if thread.ids else thread.subject
    charset = "utf-8" if thread.russian else "us-ascii"
    proof = b64encode(rare.randbytes(96)).decode()
    head = [
        f"Return-Path: <{thread.address}>",
        f"Received: from mx{number % 7}.example ([203.0.113.{number % 250}])",
        f"\tby mail.pfinbox.example (Postfix) with ESMTPS id {rare.getrandbits(40):010X}",
        f"\tfor <support@pfinbox.example>; {formatdate(at)}",
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=client.example; s=k1;",
        f"\th=from:to:subject:date:message-id; b={proof}",
        f"From: {sender}",
        f"To: {recipient}",
        f"Subject: {Header(subject, charset, header_name='Subject').encode(linesep=chr(10))}",
        f"Date: {formatdate(at)}",
        f"Message-ID: {message_id}",
    ]
    if thread.ids:
        head.append(f"In-Reply-To: {thread.ids[-1]}")
        head.append("References: " + "\n ".join([*thread.ids[:1], *thread.ids[1:][-8:]]))
    head.append("MIME-Version: 1.0")
    file = rare.random() < 0.08
    size = min(6000 if file else 18_000, max(900, int(rare.lognormvariate(8.1, 0.6))))
    lines = language.lines(rare, size // (17 if thread.russian else 6))
    if thread.ids and rare.random() < 0.6:
        lines += ["", f"On {formatdate(at - 3600)} {thread.name} wrote:"]
        lines += [f"> {line}" for line in lines[:8]]
    lines += ["", "-- ", thread.name]
    thread.ids.append(message_id)
    body = _body(rare, lines, thread.russian)
    if file:
        body = _with_file(rare, number, body)
    whole = "\n".join(head).encode() + b"\n" + body
    return Mail(message_id, at, whole.replace(b"\n", b"\r\n"))


def _body(rare: random.Random, lines: list[str], russian: bool) -> bytes:
    kind = rare.random()
    if kind < 0.55:
        return _part(rare, "plain", "\n".join(lines), russian)
    half = lines if kind < 0.75 else lines[: len(lines) // 2]
    paragraphs = "\n".join(f'<p style="margin:0 0 8px 0">{line}</p>' for line in half)
    style = "<head><style>p{margin:0;font:14px Arial}</style></head>"
    html = _part(rare, "html", f"<html>{style}<body>{paragraphs}</body></html>", russian)
    if kind < 0.75:
        return html
    plain = _part(rare, "plain", "\n".join(half), russian)
    return _joined("alternative", [plain, html])


def _part(rare: random.Random, kind: str, text: str, russian: bool) -> bytes:
    legacy = rare.random() < 0.05
    charset = ("koi8-r" if russian else "iso-8859-1") if legacy else "utf-8"
    data = text.encode(charset, "replace") + b"\n"
    way = rare.random()
    if russian and way < 0.5:
        encoding, data = "base64", encodebytes(data)
    elif way < 0.8 and (russian or way >= 0.45):
        encoding, data = "quoted-printable", quopri.encodestring(data)
    else:
        encoding = "8bit"
    head = f"Content-Type: text/{kind}; charset={charset}\nContent-Transfer-Encoding: {encoding}"
    return f"{head}\n\n".encode() + data


def _with_file(rare: random.Random, number: int, body: bytes) -> bytes:
    kind = rare.choice(["image/png", "application/pdf", "application/zip"])
    head = (
        f'Content-Type: {kind}; name="file{number}.bin"\n'
        f'Content-Disposition: attachment; filename="file{number}.bin"\n'
        "Content-Transfer-Encoding: base64\n\n"
    )
    data = encodebytes(rare.randbytes(rare.randint(1000, 7000)))
    return _joined("mixed", [body, head.encode() + data])


def _joined(kind: str, parts: list[bytes]) -> bytes:
    boundary = f"=_{kind}_part"
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n'
    inner = b"".join(f"--{boundary}\n".encode() + part for part in parts)
    return head.encode() + inner + f"--{boundary}--\n".encode()


def fill(folder: Path, count: int) -> None:
    """Into a Maildir's ``cur``; whoever owns the folder gets the files."""
    folder.mkdir(parents=True, exist_ok=True)
    owner = folder.parent.stat()
    for number, mail in enumerate(mails(count)):
        path = folder / f"{_FIRST + number}.M{number:07d}.bench,S={len(mail.data)}:2,S"
        path.write_bytes(mail.data)
        os.utime(path, (mail.at, mail.at))
        os.chown(path, owner.st_uid, owner.st_gid)
    os.chown(folder, owner.st_uid, owner.st_gid)
