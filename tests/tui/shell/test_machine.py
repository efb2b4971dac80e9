"""``--restricted``: whoever came by an ssh forced command gets no further than the drop folder."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from pfinbox.errors import PfinboxError, Refused
from pfinbox.store import tables as t
from pfinbox.tui.commands.table import commands
from pfinbox.tui.files import saving
from pfinbox.tui.shell.keymap import Keymap
from pfinbox.tui.shell.machine import Machine, own_folder
from tests.builders import Inbox, a_file
from tests.tui.stage import on_stage, press, said, screen_text, type_burst


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    """A drop folder beside a secret, with every way to it that its owner can make."""
    folder = tmp_path / "drop"
    folder.mkdir()
    (tmp_path / "secret").write_text("secret")
    (folder / "mine.txt").write_text("mine")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "up").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    return folder


WAYS = ("link", "up", "pipe", "../secret", "up/secret", ".", "..", "", "~", "~/x", "/etc/passwd")
odd = st.sampled_from([*WAYS, "mine.txt", "a\0b", "x" * 300]) | st.text(max_size=20)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(odd)
def test_r20_a_restricted_agent_attaches_only_what_lies_in_the_drop_folder(
    drop: Path, typed: str
) -> None:
    machine = Machine(drop, restricted=True)
    found = machine.file_at(typed)
    assert found == (drop / "mine.txt" if typed.strip() == "mine.txt" else None)
    assert set(machine.completions(typed)) <= {"mine.txt"}
    # What a draft of another day names.
    for path in (Path("/") / drop / typed.replace("\0", ""), Path(typed.replace("\0", ""))):
        if path != drop / "mine.txt":
            with pytest.raises(OSError):  # noqa: PT011 - whatever the system says
                machine.read(path)
    assert machine.read(drop / "mine.txt").content == b"mine"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(odd)
def test_r20_a_restricted_agent_saves_only_there(drop: Path, typed: str) -> None:
    secret = drop.parent / "secret"
    before = sorted(os.listdir(drop.parent))
    try:
        path = saving.save(Machine(drop, restricted=True).place(typed, "a.pdf"), b"x")
    except PfinboxError:
        pass
    else:
        assert path.parent == drop
        assert not path.is_symlink()
        path.unlink()
    assert (secret.read_text(), sorted(os.listdir(drop.parent))) == ("secret", before)


def test_without_a_drop_folder_there_is_nothing_to_save_in() -> None:
    machine = Machine(None, restricted=True)
    assert (machine.completions(""), machine.file_at("x")) == ([], None)
    with pytest.raises(Refused, match="no drop folder"):
        machine.place("x", "x")


def test_the_drop_folder_may_be_the_agents_own(tmp_path: Path) -> None:
    assert own_folder(f"{tmp_path}/{{agent}}/in", "anna") == tmp_path / "anna" / "in"
    assert own_folder(str(tmp_path), "../boris") == tmp_path
    assert own_folder(None, "anna") is None
    with pytest.raises(PfinboxError, match="cannot be the name of a folder"):
        own_folder("/drop/{agent}", "../boris")


def test_no_other_program_even_by_a_key_of_ones_own() -> None:
    keymap = Keymap(commands(), {"editor": "f9"}, Machine(restricted=True).without)
    assert not {"editor", "open_file", "fetch_line"} & set(keymap.commands)
    assert keymap.find("composer", "f9") is None
    assert keymap.shown("editor") == ""


async def test_r20_a_restricted_screen(inbox: Inbox, drop: Path) -> None:
    await inbox.says("Run this", files=(a_file("run.sh", b"echo", "text/x-sh"),))
    machine = Machine(drop, restricted=True)
    async with on_stage(inbox, machine=machine, notifications=True) as (app, pilot):
        await type_burst(pilot, "giyo")
        await type_burst(pilot, "c")
        assert "run.sh" in screen_text(app)
        assert not app.clipboard
        await type_burst(pilot, "s")
        assert str(drop) not in screen_text(app)
        await type_burst(pilot, "\r")
        assert (drop / "run.sh").read_bytes() == b"echo"
        await press(pilot, "s", "home", *"../")
        await press(pilot, "enter")
        assert "only a name in the drop folder" in said(app)
        assert not (drop.parent / "run.sh").exists()
        app.clear_notifications()
        await type_burst(pilot, "\x1brHello")
        await press(pilot, "ctrl+g")
        await press(pilot, "ctrl+f")
        assert "mine.txt" in screen_text(app)
        assert "secret" not in screen_text(app)
        await type_burst(pilot, "../secret\r\x1b")
        await type_burst(pilot, "\x13")
        async with inbox.store.read() as uow:
            texts = await uow.connection.scalars(
                select(t.comment.c.text).where(t.comment.c.agent_id.is_not(None))
            )
            assert "Hello" in texts.all()
            files = select(t.attachment.c.name).order_by(t.attachment.c.id)
            assert (await uow.connection.scalars(files)).all()[-1] == "run.sh"
