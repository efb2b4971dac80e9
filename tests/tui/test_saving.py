"""A client's file on the agent's machine: inside the folder, over nothing, nothing run by it."""

import os
import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfinbox.errors import PfinboxError
from pfinbox.tui import paths, saving


@given(st.text(max_size=400))
def test_r20_any_name_stays_in_its_folder(name: str) -> None:
    safe = saving.file_name(name, 7)
    assert Path("/drop", safe).parent == Path("/drop")
    assert Path(safe).name == safe
    assert not safe.startswith((".", "-"))
    assert 0 < len(safe.encode()) <= 200


@given(st.text(max_size=100))
def test_r20_any_name_is_one_word_for_the_shell(name: str) -> None:
    safe = saving.file_name(name, 7)
    line = saving.fetching(7, safe, "support.example")
    words = ["ssh", "support.example", "pfinbox", "attachment", "get", "7", "--to", "-", ">"]
    assert shlex.split(line) == [*words, f"./{safe}"]


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
    assert saving.runnable("Invoice.PDF.exe")
    assert saving.runnable("page.HTML")
    assert not saving.runnable("invoice.pdf")


def test_the_newest_file_is_offered_first(tmp_path: Path) -> None:
    for number, name in enumerate(("old", "new", ".hidden")):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (number, number))
    offered = paths.completing(tmp_path)
    assert offered("") == [str(tmp_path / "new"), str(tmp_path / "old")]
    assert offered(f"{tmp_path}/o") == [f"{tmp_path}/old"]
