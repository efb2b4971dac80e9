"""A client's file on the agent's machine: inside the folder, over nothing, nothing run by it."""

import getpass
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfinbox.domain.text.cleaning import clean_line
from pfinbox.domain.text.filename import file_name
from pfinbox.errors import PfinboxError
from pfinbox.tui.files import saving
from pfinbox.tui.shell import paths
from pfinbox.tui.shell.machine import Machine

_DEVICES = ["CON", "nul", "com1", "LPT9", "aux"]
_NAMES = st.text(max_size=400) | st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "../", ".", "-", "/", "C:\\", "~", "\0", "\u202e", " ", "ы" * 150]),
    st.sampled_from([*_DEVICES, "a", "x" * 300]),
    st.sampled_from(["", ".txt", " .txt", "/..", ".", ":x", "\u202egpj.exe", "." + "e" * 60]),
)


@given(_NAMES)
def test_r20_any_name_stays_in_its_folder(name: str) -> None:
    safe = file_name(name, 7)
    assert Path("/drop", safe).parent == Path("/drop")
    assert Path(safe).name == safe
    assert not safe.startswith((".", "-"))
    assert 0 < len(safe.encode()) <= 200
    assert clean_line(safe) == safe
    assert safe.split(".")[0].strip().casefold() not in {one.casefold() for one in _DEVICES}


@given(st.text(max_size=100))
def test_r20_any_name_is_one_word_for_the_shell(name: str) -> None:
    safe = file_name(name, 7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.9 2222")
        line = saving.fetching(
            ["pfinbox", "--config", "/my files/c.toml", "attachment", "get", "7"], safe
        )
    *here, there, arrow, file = shlex.split(line)
    assert here == ["ssh", "-p", "2222", f"{getpass.getuser()}@192.0.2.9"]
    called = ["pfinbox", "--config", "/my files/c.toml", "attachment", "get", "7", "--to", "-"]
    assert (shlex.split(there), arrow, file) == (called, ">", f"./{safe}")


LONG = "x" * 300


@pytest.mark.parametrize("typed", [f"/tmp/{LONG}", "~nobody-of-this-name/x", "a\0b", f"{LONG}/"])
def test_r20_a_path_that_cannot_be_is_a_sentence(typed: str) -> None:
    """Found by a review: each of them ended the program."""
    assert paths.file_at(typed) is None
    assert paths.complete(typed) == []
    with pytest.raises(PfinboxError, match="cannot be written"):
        saving.save(paths.place(typed, "a.pdf"), b"x")


def test_r20_no_file_is_written_over(tmp_path: Path) -> None:
    places = [saving.save(tmp_path / "new" / "a.pdf", b"%d" % n) for n in range(3)]
    assert [place.name for place in places] == ["a.pdf", "a (2).pdf", "a (3).pdf"]
    assert [place.read_bytes() for place in places] == [b"0", b"1", b"2"]
    assert all(place.stat().st_mode & 0o077 == 0 for place in places)


def test_r20_a_link_that_lies_there_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").symlink_to(tmp_path / "elsewhere")
    assert saving.save(tmp_path / "a.pdf", b"x").name == "a (2).pdf"
    assert not (tmp_path / "elsewhere").exists()


def test_where_nothing_can_be_written_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PfinboxError, match="cannot be written"):
        saving.save(tmp_path / "file" / "a.pdf", b"x")


def test_what_could_run_is_known_by_its_ending() -> None:
    for name in ("Invoice.PDF.exe", "page.HTML", "a.docm", "x.jnlp", "a.exe.", "run", "y.svgz"):
        assert saving.may_run(file_name(name, 7)), name
    assert not saving.may_run("invoice.PDF")


def test_a_copy_for_another_program_goes_with_this_one() -> None:
    code = "from pfinbox.tui.files import saving"
    code += "; print(saving.save_to_open('a.pdf', b'x').read_bytes())"
    code += "; print(saving.save_to_open('a.pdf', b'x'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    content, path = done.stdout.splitlines()
    assert (content, Path(path).name) == ("b'x'", "a (2).pdf")
    assert not Path(path).parent.exists()


def test_the_newest_file_is_offered_first(tmp_path: Path) -> None:
    for number, name in enumerate(("old", "new", ".hidden")):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (number, number))
    machine = Machine(tmp_path)
    assert machine.completions("") == [str(tmp_path / "new"), str(tmp_path / "old")]
    assert machine.completions(f"{tmp_path}/o") == [f"{tmp_path}/old"]
