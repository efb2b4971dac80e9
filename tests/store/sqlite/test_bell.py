"""The bell hangs where every user of the machine may write."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pfinbox.store.sqlite.bell import Bell


def _linked_inside(bell: Bell, to: Path) -> None:
    bell.folder.parent.mkdir()
    bell.folder.symlink_to(to)


def _linked(bell: Bell, to: Path) -> None:
    bell.folder.parent.symlink_to(to.parent)
    to.rename(to.with_name(bell.folder.name))


def _open_to_all(bell: Bell, to: Path) -> None:
    bell.folder.parent.mkdir(mode=0o700)
    to.rename(bell.folder)
    os.chmod(bell.folder, 0o777)


@pytest.mark.parametrize("made_by_another", [_linked_inside, _linked, _open_to_all])
async def test_another_users_folder_is_left_alone(
    tmp_path: Path, made_by_another: Callable[[Bell, Path], None]
) -> None:
    """A file that is no socket refuses a ring as the socket of a dead process does."""
    bell = Bell(tmp_path / "inbox.sqlite", tmp_path)
    (documents := tmp_path / "home" / "documents").mkdir(parents=True)
    (documents / "letter.txt").touch()
    made_by_another(bell, documents)
    listener = bell.listen(asyncio.Event())
    bell.ring(["tasks"])
    listener.close()
    assert [path.name for path in tmp_path.rglob("*.*")] == ["letter.txt"]


async def test_a_ring_wakes_who_listens_and_what_is_left_of_the_dead_goes(tmp_path: Path) -> None:
    bell = Bell(tmp_path / "inbox.sqlite")
    woken = asyncio.Event()
    listener = bell.listen(woken)
    (bell.folder / "dead").touch()
    bell.ring(["tasks"])
    async with asyncio.timeout(20):
        await woken.wait()
    assert len(list(bell.folder.iterdir())) == 1
    listener.close()
    assert list(bell.folder.iterdir()) == []
