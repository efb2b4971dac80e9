"""The files of a comment: seen, saved, fetched, opened only after a question (R20)."""

import os
from pathlib import Path

import pytest

from pfinbox.tui.shell.machine import Machine
from tests.builders import Inbox, a_file
from tests.tui.stage import (
    compare,
    compare_both,
    on_stage,
    press,
    said,
    screen_text,
    settle,
    type_burst,
)

NAME = "[/]\x1b[2J../../.ssh/прайс.csv"


async def test_r20_files_are_seen_saved_and_fetched(
    inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "client 1 server 2")
    drop = tmp_path / "drop"
    csv = "артикул;цена\n[@click=app.quit]x;1\n".encode("cp1251")
    files = (
        a_file(NAME, csv, "text/csv"),
        a_file("run.exe", b"MZ\0\0", "application/x-msdownload"),
    )
    await inbox.says("Our prices", files=files)
    async with on_stage(
        inbox, agent_name="Anna Lis", machine=Machine(drop), notifications=True
    ) as (
        app,
        pilot,
    ):
        await type_burst(pilot, "giy")
        await compare(app, pilot, "files-120x36")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await compare(app, pilot, "files-80x24")
        await type_burst(pilot, "\r")
        assert "[@click=app.quit]x;1" in screen_text(app)
        await compare_both(app, pilot, "file-text")
        assert "артикул;цена" in screen_text(app)
        await type_burst(pilot, "\x1bs\r")
        (saved,) = drop.iterdir()
        assert saved.read_bytes() == csv
        assert "Saved:" in screen_text(app)
        await type_burst(pilot, "c")
        assert app.clipboard.endswith(f"attachment get 2 --to -' > './{saved.name}'"), app.clipboard
        assert "Copied, where the terminal allows it" in screen_text(app)
        await type_burst(pilot, "\x1bjo")
        assert "Over ssh there is nothing to open it with" in screen_text(app)
        for place in ("~nobody-of-this-name/x", f"/{'x' * 300}"):
            await type_burst(pilot, f"s{place}\r")
            # A notice goes by itself after a while: each is looked at when it comes.
            assert "cannot be written" in said(app)
            app.clear_notifications()
        await type_burst(pilot, "\x1b:1\ry")
        assert "There is no file here." in screen_text(app)


async def test_r20_what_could_run_is_asked_about_and_attaching_begins_in_the_drop_folder(
    inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "offer.pdf").write_bytes(b"%PDF")
    opened = tmp_path / "opened"
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "xdg-open").write_text(f'#!/bin/sh\ncp "$1" {opened}\n')
    (bin_ / "xdg-open").chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_}:/usr/bin:/bin")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    await inbox.says("Run this", files=(a_file("run.sh", b"echo", "text/x-sh"),))
    async with on_stage(inbox, machine=Machine(drop)) as (app, pilot):
        await type_burst(pilot, "giyo")
        assert "Such a file may run programs" in screen_text(app)
        assert not opened.exists()
        await type_burst(pilot, "\r")
        while not (opened.exists() and opened.read_bytes()):
            await settle(pilot)
        assert opened.read_bytes() == b"echo"
        await type_burst(pilot, "\x1br")
        await press(pilot, "ctrl+f")
        await type_burst(pilot, "\r")
        assert "offer.pdf" in screen_text(app)
        # R25: what the channel would not take is said before it is sent; without it all is well.
        os.truncate(drop / "offer.pdf", 51 << 20)
        await press(pilot, "ctrl+f")
        await type_burst(pilot, "\r")
        assert "offer.pdf is too large for this channel" in screen_text(app)
