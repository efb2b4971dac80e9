"""The whole fault matrix: of each of its lines, where it is held.

A line is held by rows of the machine (their numbers), by tests (``file::name``), or by both.
"""

from dataclasses import dataclass

_MAIL = "tests/channels/mail"
_READING = f"{_MAIL}/reading"


@dataclass(frozen=True, slots=True)
class Line:
    number: str
    fault: str
    rows: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()

    def said(self) -> str:
        return "\t".join((self.number, self.fault, " ".join((*self.rows, *self.tests))))


MATRIX = (
    Line("1", "kill -9 at random", ("1", "w1", "25")),
    Line("2", "kill -9 at every step", ("2", "2b", "25c", "25d")),
    Line(
        "3",
        "SIGTERM, also while a server is slow",
        ("3", "w7"),
        (
            "tests/end_to_end/test_stopping.py::test_sigterm_ends_it_within_fifteen_seconds_whatever_waits",
        ),
    ),
    Line("4", "IMAP reset while idle, in a literal, in the sign-in", ("4", "4b", "5b")),
    Line(
        "5",
        "IMAP black hole",
        ("5",),
        (
            f"{_MAIL}/test_imap_faults.py::test_a_black_hole_while_idle_is_noticed_at_the_end_of_the_cycle",
        ),
    ),
    Line(
        "6",
        "IMAP trickle",
        ("6",),
        (f"{_MAIL}/test_imap_faults.py::test_a_trickle_does_not_extend_the_deadline",),
    ),
    Line(
        "7",
        "IMAP: BYE, NO, BAD, garbage, a thousand lines in one write",
        ("7",),
        (
            f"{_MAIL}/test_imap_faults.py::test_every_wait_ends_whatever_breaks",
            f"{_MAIL}/test_imap_faults.py::test_thousands_of_lines_in_one_piece_are_read",
        ),
    ),
    Line("8", "mail between search and idle", ("8",)),
    Line("9", "UIDVALIDITY changes", ("9",)),
    Line("10", "the mailbox's server is stopped and started", ("10",)),
    Line(
        "11",
        "wrong password, expired or revoked token",
        ("11", "11b", "21c"),
        (
            f"{_MAIL}/test_xoauth2.py::test_imap_asks_for_a_token_anew_when_one_was_refused",
            f"{_MAIL}/test_xoauth2.py::test_smtp_asks_for_a_token_anew_when_one_was_refused",
            f"{_MAIL}/test_xoauth2.py::test_a_token_that_stays_wrong_is_shown_once",
            "tests/channels/avito/test_channel.py::test_a_token_is_renewed_before_its_end_and_when_it_is_refused",
        ),
    ),
    Line(
        "12",
        "poison mail: a crash, a second and more, memory",
        (),
        (
            f"{_MAIL}/apart/test_worker.py::test_a_process_that_dies_is_replaced",
            f"{_MAIL}/apart/test_worker.py::test_a_mail_that_takes_long_is_put_aside_and_the_next_one_read_at_once",
            "tests/daemon/test_receiver.py::test_one_poisonous_message_is_quarantined_and_the_others_arrive",
        ),
    ),
    Line(
        "13",
        "mails of any shape",
        (),
        (
            f"{_READING}/test_mime.py::test_nothing_raises",
            f"{_MAIL}/test_fuzz.py::test_any_mail_is_read_and_storable",
        ),
    ),
    Line("14", "a mail of 100 MB", ("14",)),
    Line(
        "15",
        "Bot API: 409, 401, 429, 502, a time-out, a reset",
        ("15", "15b", "15c", "15d", "15e", "15f", "15g"),
    ),
    Line("16", "an update that cannot be understood", ("16",)),
    Line("17", "a commit fails after getUpdates", ("17", "17b", "w2")),
    Line("18", "the numbers of updates begin lower", ("18",)),
    Line("19", "the same update again and again", ("19",)),
    Line("20", "SMTP goes away at each verb", ("20", "20b", "20c", "20d", "20e", "20f", "20g")),
    Line(
        "21",
        "SMTP 4xx and 5xx, of one recipient or of all",
        ("21", "21b"),
        (f"{_MAIL}/test_send.py::test_r45_recipients_are_refused_one_by_one",),
    ),
    Line("22", "SMTP takes the mail and its answer is lost", ("22",)),
    Line("23", "the Bot API takes a message and its answer is lost", ("23",)),
    Line("24", "the relay is away, much waits", ("24", "b1")),
    Line("25", "two and three daemons", ("25", "25b", "25f")),
    Line("26", "the lock is lost: PostgreSQL is cut off", ("26", "26b", "25e")),
    Line("27", "disk full", ("27", "27b", "27c")),
    Line("28", "another program holds the database", ("28",)),
    Line(
        "29", "a damaged store, or none, or a newer or half-made one", ("29", "29b", "29c", "29d")
    ),
    Line("30", "PostgreSQL crashes", ("30",)),
    Line("31", "the log of SQLite grows", ("31",)),
    Line("32", "power loss", ("32",)),
    Line(
        "33",
        "the clock jumps, summer time begins and ends",
        ("33",),
        ("tests/wording/test_times.py::test_nine_o_clock_stays_nine_when_summer_time_ends",),
    ),
    Line("34", "memory and files leak", ("34",)),
    Line(
        "35",
        "hostile text on every screen",
        (),
        ("tests/tui/test_hostile.py::test_whatever_a_client_writes_the_screen_stands",),
    ),
    Line(
        "36",
        "a part of the program breaks with an error that nobody thought of",
        ("36",),
        (
            "tests/tui/shell/test_lost.py::test_an_error_that_nobody_thought_of_is_said_and_the_screen_lives",
        ),
    ),
    Line(
        "37",
        "text that is built to take long",
        (),
        (
            f"{_MAIL}/test_costly.py::test_what_is_built_to_take_long_is_read_soon",
            f"{_READING}/test_replytext.py::test_hostile_texts_come_to_an_end",
        ),
    ),
    Line(
        "38",
        "whoever pretends to be an agent",
        (),
        (
            "tests/services/inbound/test_agent_answers.py::test_r22_anything_less_becomes_an_unverified_note_and_the_agent_is_told",
            "tests/services/inbound/test_agent_answers.py::test_r22_an_address_expires_and_is_revoked",
        ),
    ),
    Line(
        "39",
        "two that answer each other",
        (),
        (
            "tests/services/inbound/test_acknowledging.py::test_r10_two_inboxes_that_answer_each_other_stop",
            "tests/services/inbound/test_acknowledging.py::test_r10_who_is_never_acknowledged",
        ),
    ),
    Line(
        "40",
        "forged reports of failure",
        (),
        (
            f"{_READING}/test_classify.py::test_a_forged_report_names_only_what_it_encloses",
            "tests/services/inbound/test_bounces.py::test_r24_a_report_about_somebody_elses_mail_changes_nothing",
        ),
    ),
    # leaks.py looks after every row.
    Line("41", "a token in logs, database or output", ("0",)),
    Line("42", "an end at every await", ("42", "3")),
    # What the matrix did not have.
    Line("+1", "TLS fails", ("4c",), (f"{_MAIL}/test_tls.py::test_what_is_wrong_is_said",)),
    Line(
        "+2",
        "bombs in previews",
        (),
        (
            "tests/tui/files/test_preview.py::test_a_bomb_is_not_unpacked",
            "tests/tui/files/test_picture.py::test_r20_what_is_no_honest_image_is_not_drawn",
        ),
    ),
    Line(
        "+3",
        "the web door and its webhooks",
        ("w1", "w2", "w3", "w4", "w5", "w6", "w7", "w8", "w9"),
    ),
)
