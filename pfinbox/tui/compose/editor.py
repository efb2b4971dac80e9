"""The agent's own editor for a long text; the screen is its while it runs."""

import contextlib
import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from pfinbox.domain.text.cleaning import clean
from pfinbox.errors import PfinboxError
from pfinbox.i18n import _


def command() -> list[str]:
    """``$VISUAL``, else ``$EDITOR``, else vi, as every Unix program has it (environ(7))."""
    chosen = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        return shlex.split(chosen) or ["vi"]
    except ValueError:
        return [chosen]


def edit(text: str, editor: list[str]) -> str:
    """What became of ``text``; PfinboxError when the editor cannot be run or gives up.

    The file is this user's alone and is gone afterwards: it holds what a client is told.
    """
    handle, name = tempfile.mkstemp(prefix="pfinbox-", suffix=".txt")
    path = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        try:
            done = subprocess.run([*editor, name], check=False)
        except OSError as error:
            words = _("{editor} cannot be run: {error}")
            raise PfinboxError(words.format(editor=editor[0], error=error.strerror)) from error
        if done.returncode:
            words = _("{editor} gave up; the text is as it was")
            raise PfinboxError(words.format(editor=editor[0]))
        # An editor ends the last line; a message has no empty line at its end.
        return clean(path.read_text(encoding="utf-8", errors="replace")).removesuffix("\n")
    finally:
        with contextlib.suppress(OSError):
            path.unlink()
