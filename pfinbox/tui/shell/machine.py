"""The machine on which the screen runs, as far as the agent may reach into it."""

import mimetypes
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from pfinbox.domain.contract.files import File
from pfinbox.errors import PfinboxError, Refused
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.tui.shell import paths

# Commands that run another program, or speak of a shell.
OTHER_PROGRAMS = frozenset({"editor", "open_file", "fetch_line"})
# A link in place of the file, or a pipe that nobody writes to, is not followed and not waited for.
_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@record
class Machine:
    """``drop_folder``: where files are saved to and attached from, unless another path is typed.

    ``restricted``: it is a stranger's machine to the agent, who came by an ssh forced command: no
    path outside the drop folder, and no other program. ``program``: how pfinbox is called, for a
    command line of the same store and agent.
    """

    drop_folder: Path | None = None
    restricted: bool = False
    program: Sequence[str] = ("pfinbox",)

    @property
    def without(self) -> frozenset[str]:
        """The commands that there are not."""
        return OTHER_PROGRAMS if self.restricted else frozenset()

    def completions(self, typed: str) -> list[str]:
        """What may be attached, as it would be typed: the drop folder's newest, or a path."""
        folder = self.drop_folder
        if self.restricted:
            names = [path.name for path in paths.newest(folder)] if folder is not None else []
            return [name for name in names if name.casefold().startswith(typed.casefold())]
        if folder is not None and not typed:
            return [str(path) for path in paths.newest(folder)]
        return paths.complete(typed)

    def file_at(self, typed: str) -> Path | None:
        """The file that was typed, None when there is none that may be attached."""
        if not self.restricted:
            return paths.file_at(typed)
        name = typed.strip()
        if self.drop_folder is None or not _plain(name):
            return None
        path = self.drop_folder / name
        return path if _regular(path) else None

    def read(self, path: Path) -> File:
        """A file to attach, with its bytes; raises OSError. Drafts name files of other days."""
        kind = media_type(path)
        if not self.restricted:
            return File(path.name, kind, path.read_bytes())
        if self.drop_folder is None or path != self.drop_folder / path.name:
            raise PermissionError(None, _("it is not in the drop folder"), str(path))
        return File(path.name, kind, _content(self.drop_folder, path.name))

    def proposed(self, name: str) -> str:
        """Where a file would be saved, for the agent to change."""
        if self.restricted:
            return name
        return str((self.drop_folder or paths.downloads()) / name)

    def place(self, typed: str, name: str) -> Path:
        """The path that was typed to save at; ``name`` inside it where it is a folder."""
        if not self.restricted:
            return paths.place(typed, name)
        typed = typed.strip()
        if self.drop_folder is None:
            raise Refused(_("there is no drop folder to save in; the admin can set one"))
        if not _plain(typed):
            raise Refused(_("{path}: here only a name in the drop folder").format(path=typed))
        return self.drop_folder / typed


def media_type(path: Path) -> str:
    """By its name: the bytes are read when it is sent."""
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def _content(folder: Path, name: str) -> bytes:
    """Of a file in a folder: of the very one that was looked at, whatever is put in its place."""
    with open(os.open(folder / name, _OPEN), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise PermissionError(None, _("it is no file"), name)
        return file.read()


def _regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def _plain(name: str) -> bool:
    """Whether it is the name of something in a folder, and no way out of it."""
    return name not in ("", ".", "..") and not any(c in name for c in ("/", os.sep, "\0"))


def own_folder(named: str | None, login: str) -> Path | None:
    """The configured drop folder; ``{agent}`` in it is the agent's login."""
    if not named:
        return None
    if "{agent}" in named and not _plain(login):
        text = _("{login} cannot be the name of a folder; set drop_folder without it")
        raise PfinboxError(text.format(login=login))
    return Path(named.replace("{agent}", login)).expanduser()
