"""Whose mail an agent forwards: the forms of mail programs, and what only looks so (R43)."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pfinbox.channels.mail.reading import forwards
from pfinbox.channels.mail.reading.written_date import written_date
from pfinbox.domain.contract.party import Party
from pfinbox.domain.text.subjects import without_forward
from tests.channels.mail.letters import letter, multipart, part, read

SAMPLES = Path(__file__).with_name("forwarded.txt").read_text().split("=== ")[1:]
WARSAW = timezone(timedelta(hours=1))
WORDS = "The lamp arrived broken.\n\nWhat now?"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.partition(" |")[0])
def test_r43_the_original_is_found(sample: str) -> None:
    title, _newline, text = sample.partition("\n")
    subject = title.partition(" | ")[2]
    found = forwards.find(text, subject, WARSAW)
    assert found is not None
    assert found.sender.value == "maria@client.example"
    assert found.sender.name in ("Maria Nowak", "")
    assert found.text.strip() == WORDS
    assert found.note == "Please take this one."
    assert without_forward(found.subject or subject) == "Broken lamp"
    assert found.sent_at is not None
    assert found.sent_at.replace(second=0) == datetime(2026, 11, 2, 9, 15, tzinfo=UTC)
    assert "10:15" in found.dated
    # The same with nothing said above it, and in a mail as it comes.
    _note, _mark, rest = text.partition("Please take this one.\n")
    alone = forwards.find(rest, subject, WARSAW)
    assert alone is not None
    assert (alone.sender, alone.text, alone.note) == (found.sender, found.text, "")
    mail = read(letter(text, Subject=subject, Date="Mon, 02 Nov 2026 11:00:00 +0100"))
    assert mail.original is not None
    assert (mail.original.sender, mail.original.title) == (found.sender, "Broken lamp")
    assert mail.original.claimed_at == found.sent_at


HEAD = "From: Maria <maria@client.example>\nSent: 2 November 2026 10:15\nTo: a@b\nSubject: Lamp\n"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        # Outlook quotes so what is answered.
        ("RE: Lamp", f"We sent another one.\n\n{HEAD}\nThe lamp is broken."),
        ("Re: Fwd: Lamp", f"On it.\n\n-----Original Message-----\n{HEAD}\nThe lamp is broken."),
        # An answer to what was forwarded.
        (
            "Re: Fwd: Lamp",
            "On it.\n\nOn Mon, Nov 2, 2026 at 10:15 AM Boris <b@ours.example> wrote:\n"
            f"> ---------- Forwarded message ---------\n> {HEAD}>\n> Broken.",
        ),
        # Inside of a company Outlook leaves the address out.
        ("FW: Lamp", HEAD.replace(" <maria@client.example>", "") + "\nThe lamp is broken."),
        ("Fwd: Lamp", "---------- Forwarded message ---------\nThe lamp is broken."),
        ("Fwd: Lamp", "See maria@client.example about the lamp.\nFrom: here\nTo: there"),
        ("Fwd: Freight", "From: Gdynia\nDate: Monday\nSubject: 20 pallets, ask ops@ours.example"),
        ("Lamp", "The lamp is broken."),
        ("", ""),
    ],
)
def test_r43_what_cannot_be_told_is_no_forward(subject: str, text: str) -> None:
    assert forwards.find(text, subject, UTC) is None
    assert read(letter(text, Subject=subject)).original is None


def test_r43_a_mail_that_is_enclosed() -> None:
    """With its own files, its own date, and no line of ours about what is enclosed."""
    inner = (
        "From: Maria <maria@client.example>\nTo: anna@ours.example\nSubject: Re: Lamp\n"
        "Date: Mon, 2 Nov 2026 10:15:00 +0100\nMIME-Version: 1.0\n"
        'Content-Type: multipart/mixed; boundary="I"\n\n'
        "--I\nContent-Type: text/plain\n\nThe lamp is broken.\n"
        '--I\nContent-Type: image/png; name="lamp.png"\n\nPNG\n--I--\n'
    )
    enclosed = part(inner, "message/rfc822")
    raw = multipart("mixed", part("Please take it.\n\n-- \nAnna"), enclosed, Subject="Fwd: x")
    original = read(raw).original
    assert original is not None
    assert original.sender == Party("maria@client.example", "Maria")
    assert (original.title, original.text.strip()) == ("Re: Lamp", "The lamp is broken.")
    assert original.note == "Please take it."
    assert original.claimed_at == datetime(2026, 11, 2, 9, 15, tzinfo=UTC)
    assert [file.name for file in original.files] == ["lamp.png"]
    # Two of them are nobody's in particular.
    assert read(multipart("mixed", part("x"), enclosed, enclosed)).original is None


def test_r20_files_of_what_is_forwarded_and_a_table_of_its_head() -> None:
    """Thunderbird writes the head as a table in HTML."""
    rows = "".join(
        f"<tr><th>{name}: </th><td>{value}</td></tr>"
        for name, value in (
            ("Subject", "Lamp"),
            ("Date", "Mon, 2 Nov 2026 10:15:30 +0100"),
            (
                "From",
                'Maria &lt;<a href="mailto:maria@client.example">maria@client.example</a>&gt;',
            ),
            ("To", "anna@ours.example"),
        )
    )
    html = f"<p>Take it.</p>-------- Forwarded Message --------<table>{rows}</table><p>Broken.</p>"
    picture = part("PNG", 'image/png; name="lamp.png"')
    original = read(
        multipart("mixed", part(html, "text/html"), picture, Subject="Fwd: Lamp")
    ).original
    assert original is not None
    assert original.sender == Party("maria@client.example", "Maria")
    assert (original.title, original.text.strip(), original.note) == ("Lamp", "Broken.", "Take it.")
    assert [file.name for file in original.files] == ["lamp.png"]


def test_r43_outlook_on_the_web_draws_a_line_above_it() -> None:
    head = HEAD.replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br>")
    html = f"<div>Take it.</div><hr><div id=divRplyFwdMsg>{head}</div><div>Broken.</div>"
    original = read(letter(html, Content_Type="text/html", Subject="FW: Lamp")).original
    assert original is not None
    assert (original.note, original.text.strip()) == ("Take it.", "Broken.")


_LINES = st.sampled_from(
    [
        *[line for sample in SAMPLES[::4] for line in sample.splitlines()[1:]],
        *["> ", ">", "From: a@b.example", "Od:", "Тема: " + "x" * 600, "-- ", "____________", " "],
    ]
)


@example(["x" * 600, "Początek przekazywanej wiadomości:", "From: a@b.example"], "Fwd: x")
@given(st.lists(_LINES, max_size=30), st.sampled_from(["Fwd: x", "Re: x", "", "PD: Re: x"]))
def test_r43_whatever_stands_there_nothing_is_made_up(lines: list[str], subject: str) -> None:
    found = forwards.find("\n".join(lines), subject, WARSAW)
    if found is None:
        return
    there = {line.lstrip("> ").strip() for line in lines}
    for line in (*found.text.splitlines(), *found.note.splitlines()):
        assert line.lstrip("> ").strip() in there
    assert any(found.sender.value in line.lower() for line in lines)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Monday, November 2, 2026 11:15 PM", "2026-11-02 22:15"),
        ("11/2/2026 12:15 AM", "2026-11-01 23:15"),
        ("2/11/2026 12:15", "2026-11-02 11:15"),
        ("13/11/2026 12:15", "2026-11-13 11:15"),
        ("11/13/2026 12:15", "2026-11-13 11:15"),
        ("5 мая 2026 г. 9:05", "2026-05-05 08:05"),
        ("środa, 14 października 2026 09:05", "2026-10-14 08:05"),
        ("14 paź 2026 o 09:05 GMT+2", "2026-10-14 07:05"),
        ("Mon, 2 Nov 2026 10:15:00 -0500", "2026-11-02 15:15"),
        ("31 November 2026 10:15", None),
        ("2 November 2026 10:15 +99:99", None),
        ("2 November 2026 99:99", None),
        ("1 January 1900 00:15 GMT+14", "1899-12-31 10:15"),
        ("yesterday", None),
        ("9" * 10_000, None),
    ],
)
def test_dates_as_people_read_them(written: str, expected: str | None) -> None:
    found = written_date(written, WARSAW)
    assert (f"{found:%Y-%m-%d %H:%M}" if found else None) == expected


@given(
    st.lists(
        st.sampled_from(
            [
                *["2", "31", "99", "2026", "0001", "Nov", "мая", ":", "/", ".", "-", "+", " "],
                *["10:15", "pm", "gmt", "T", "г.", ", ", "1900", "٣"],
            ]
        )
    )
)
def test_any_date_is_read_or_none(pieces: list[str]) -> None:
    found = written_date("".join(pieces), WARSAW)
    assert found is None or found.tzinfo is UTC
