"""The process that reads: killed when it takes too long, replaced when it dies, never raising."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from pfinbox.channels.mail import spec
from pfinbox.channels.mail.apart import launching
from pfinbox.channels.mail.apart.worker import Worker
from pfinbox.channels.mail.reading.mime import Place
from pfinbox.domain.contract.incoming import Message, Unreadable
from pfinbox.domain.text.words import words_of
from tests.channels.mail.letters import READER, letter


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker(READER)
    made.begin()
    yield made
    made.close()


def test_it_reads_one_after_the_other(worker: Worker) -> None:
    for number in range(3):
        message = worker.read(letter(Subject=f"Mail {number}"), Place())
        assert isinstance(message, Message)
        assert message.title == f"Mail {number}"
        assert message.words == words_of(message.text)


def test_the_first_account_that_reads_takes_the_process_that_was_begun_early(
    worker: Worker,
) -> None:
    some: list[dict[str, object]] = [{}, {"imap": {"host": "x"}}, {"imap": {"host": "y"}}]
    for settings in some:
        assert spec.SPEC.begin is not None
        spec.SPEC.begin(settings)
    (early,) = launching._spare
    other = Worker(READER)
    assert isinstance(other.read(letter(), Place()), Message)
    assert isinstance(worker.read(letter(), Place()), Message)
    assert other._process is early.process
    assert worker._process is not early.process
    assert not launching._spare
    other.close()


def test_too_slow_a_mail_is_given_up_and_the_next_one_read() -> None:
    worker = Worker(READER, time_limit=0.01)
    worker._start()
    # The process is held, as it would be by a mail that never ends.
    assert worker._process is not None
    os.killpg(worker._process.pid, signal.SIGSTOP)
    found = worker.read(letter(Subject="Hang"), Place())
    assert isinstance(found, Unreadable)
    assert found.reason.kind == "too_slow"
    assert found.title == "Hang"
    assert found.sender is not None
    assert found.sender.value == "client@example.org"
    worker._limit = 10
    assert isinstance(worker.read(letter(), Place()), Message)
    worker.close()


def test_a_mail_that_takes_long_is_put_aside_and_the_next_one_read_at_once() -> None:
    """Measured in time of the processor, so that a busy machine puts nothing aside."""
    worker = Worker(READER, time_limit=60, patience=0.3, main="tests.servers.slow_reader")
    quick, slow = (letter(), Place()), (letter(Subject="Long", X_Takes="1000"), Place())
    assert isinstance(worker.look([quick])[0], Message)
    process = worker._process
    for _ in range(3):
        first, found, last = worker.look([quick, slow, quick])
        assert isinstance(first, Message)
        assert isinstance(last, Message)
        assert isinstance(found, Unreadable)
        assert (found.again, found.reason.kind, found.title) == (True, "read_later", "Long")
    # To start a process anew takes longer than the looks themselves.
    assert worker._process is process
    worker._limit = 0.3
    found = worker.read(letter(X_Takes="1000"), Place())
    assert isinstance(found, Unreadable)
    assert (found.again, found.reason.kind) == (False, "too_slow")
    worker.close()


def test_a_process_that_dies_is_replaced(worker: Worker) -> None:
    worker.read(letter(), Place())
    assert worker._process is not None
    os.killpg(worker._process.pid, signal.SIGKILL)
    found = worker.read(letter(), Place())
    assert isinstance(found, Unreadable)
    assert found.reason.kind == "unreadable"
    assert isinstance(worker.read(letter(), Place()), Message)


def test_an_error_in_reading_is_an_answer() -> None:
    broken = Worker(READER, main="tests.servers.slow_reader")
    found, after = broken.look([(letter(X_Takes="1.2.3"), Place()), (letter(), Place())])
    assert isinstance(found, Unreadable)
    assert found.reason.args["detail"] == "ValueError"
    assert isinstance(after, Message)
    broken.close()


def test_closing_leaves_no_process(worker: Worker) -> None:
    worker.read(letter(), Place())
    process = worker._process
    assert process is not None
    worker.close()
    assert process.poll() is not None


def test_a_mail_that_takes_the_process_over_can_do_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No file, no process, no secret of ours; and no module of ours is one that lies around."""
    monkeypatch.setenv("PFINBOX_PASSWORD", "hunter2")
    (tmp_path / "json.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    worker = Worker(READER, main="tests.servers.taken_over")
    message = worker.read(letter(), Place())
    worker.close()
    assert isinstance(message, Message)
    done = json.loads(message.text)
    # Its own socket and the answer's; what Python itself sets is no secret.
    assert (done["inherited"] <= 2, done["opened"] < 32) == (True, True), done
    assert set(done["environment"]) <= {"PYTHONPATH", "PATH", "LC_ALL", "LC_CTYPE"}
    assert (done["memory"], done["written"]) == (False, False)
    assert (done["processes"], done["core"]) == ([0, 0], [1, 1])
