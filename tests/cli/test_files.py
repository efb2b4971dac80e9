"""``pfinbox attachment`` and ``status``."""

import os
import stat
from pathlib import Path

import pytest

from pfinbox.domain.text.filename import safe_name
from tests.builders import Inbox, a_file
from tests.cli.conftest import Cli


async def with_files(inbox: Inbox) -> None:
    names = ("photo.png", "../../etc/passwd")
    await inbox.says(
        "See", files=tuple(a_file(name, b"\x00\xff" + name.encode()) for name in names)
    )


def test_a_file_is_saved_where_it_is_told_r20(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    cli.inbox(with_files)
    assert cli("attachment", "get", 1, "--to", "-").raw == b"\x00\xffphoto.png"
    assert cli("attachment", "get", 1).out == "photo.png\n"
    saved = tmp_path / "photo.png"
    assert saved.read_bytes() == b"\x00\xffphoto.png"
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    # The sender's name for it never overwrites anything, a name that was typed does.
    saved.write_bytes(b"mine")
    assert "exists already" in cli("attachment", "get", 1, code=6).err
    assert saved.read_bytes() == b"mine"
    cli("attachment", "get", 1, "--to", saved)
    assert saved.read_bytes() == b"\x00\xffphoto.png"
    assert "cannot be written" in cli("attachment", "get", 1, "--to", "no/where", code=1).err
    cli("attachment", "get", 99, code=5)


def test_a_senders_name_stays_in_this_folder_r20(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    cli.inbox(with_files)
    name = cli("attachment", "get", 2).out.strip()
    assert "/" not in name
    assert (tmp_path / name).read_bytes() == b"\x00\xff../../etc/passwd"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a.txt", "a.txt"),
        ("../../x", "_.._x"),
        (".bashrc", "bashrc"),
        ("-rf", "rf"),
        ("a\x1b[31m\nb", "a␛[31m b"),
        ("C:\\x|y", "C__x_y"),
        ("...", ""),
        ("Zdjęcie łąki.png", "Zdjęcie łąki.png"),
    ],
)
def test_no_name_of_a_file_does_harm(name: str, safe: str) -> None:
    assert safe_name(name) == safe
    assert os.sep not in safe_name(name)


def test_the_status_is_one_line_for_a_status_bar(cli: Cli) -> None:
    cli.inbox(with_files)
    line = cli("status").out
    assert line.startswith("1 to answer, 1 in the inbox, 0 in the outbox")
    assert "no daemon is running" in line
    assert cli("status", "--format", "{to_answer}/{mine} {daemon}").out == "1/0 none\n"
    assert cli.json("status")["to_answer"] == 1
    for wrong in ("{nonsense}", "{", "{0}", "{inbox.x}"):
        assert "known names" in cli("status", "--format", wrong, code=2).err
