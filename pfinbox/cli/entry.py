"""From arguments to an exit code: errors become one sentence on stderr, nothing leaks."""

import contextlib
import io
import os
import sys
import traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from pfinbox import confining
from pfinbox.cli.shell.early import configured_language
from pfinbox.domain.text.cleaning import clean
from pfinbox.errors import PfinboxError
from pfinbox.i18n import _, lend_to_libraries, set_language

if TYPE_CHECKING:
    from pfinbox.store.engine import Engines


def run(arguments: Sequence[str], engines: "Engines | None" = None) -> int:
    """Carry the command out; 0 done, 1 failed, 2 wrong use, 3 config, 4 store, 5, 6 (errors.py).

    ``engines``: what the store is opened with.
    """
    confining.private()
    _speak_everywhere()
    language = configured_language(arguments)
    set_language(language)
    lend_to_libraries(language)
    try:
        code = _command(arguments, engines)
        # A full disk or a closed pipe shows only now.
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has had enough (| head). What is left in the buffer must not be tried again.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except PfinboxError as error:
        _say(f"pfinbox: {error}")
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        _say("")
        return 130
    except Exception as error:
        _report(error)
        return 1
    return code


def _command(arguments: Sequence[str], engines: "Engines | None") -> int:
    from pfinbox.cli.app import root

    try:
        code = root.main(list(arguments), prog_name="pfinbox", standalone_mode=False, obj=engines)
    except click.ClickException as error:
        _say(_shown(error))
        return error.exit_code
    return code if isinstance(code, int) else 0


def _report(error: Exception) -> None:
    """A fault of ours: a short line, the whole story only on demand, never a secret in either."""
    from pfinbox.bootstrap.redact import redact

    shown = str(error).partition("\n")[0] or type(error).__name__
    if not os.environ.get("PFINBOX_DEBUG"):
        shown = _("pfinbox failed: {detail} (PFINBOX_DEBUG=1 shows more)").format(detail=shown)
        _say(redact(shown))
        return
    _say(redact("".join(traceback.format_exception(error))))


def _shown(error: click.ClickException) -> str:
    """What click says of it, the use of the command included."""
    with io.StringIO() as said:
        error.show(said)
        return said.getvalue().rstrip("\n")


def _say(text: str) -> None:
    """An error names what was typed, which a script may have from a client, or what is stored."""
    text = clean(text)
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)  # noqa: T201


def _speak_everywhere() -> None:
    """A name that the terminal's encoding lacks must not end the program."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
