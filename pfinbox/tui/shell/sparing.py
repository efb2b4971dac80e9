"""Fewer bytes for the same screen: a colour is written when it changes, not for every word.

Textual sets all attributes before each piece of a line and resets them behind it, 40 bytes for a
word of five. Half of what goes to a terminal far away would be that.
"""

import re
from functools import lru_cache

from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.driver import Driver

_RESET = "\x1b[0m"
# Select graphic rendition (ECMA-48): what Textual writes, nothing with a colon in it.
_SGR = re.compile(r"\x1b\[([0-9;]*)m")
# To another place of the screen.
_MOVE = re.compile(r"(\x1b\[\d+;\d+H)")
# Bold, dim, italic: nothing of them is seen where there is no letter.
_OF_LETTERS = {"1", "2", "3"}
# Text attributes, foreground, background.
_State = tuple[frozenset[str], str, str]
_PLAIN: _State = (frozenset(), "", "")


@lru_cache(512)
def _state(codes: str) -> _State:
    """What these codes set on a terminal that has been reset."""
    attributes, colours = set(), {"3": "", "4": ""}
    rest = iter(codes.split(";") if codes else ())
    for code in rest:
        if code in ("38", "48"):
            kind = next(rest, "")
            values = [next(rest, "") for _ in range(3 if kind == "2" else 1)]
            colours[code[0]] = ";".join([code, kind, *values])
        elif code in ("39", "49"):
            colours[code[0]] = ""
        elif len(code) == 2 and code[0] in "34":
            colours[code[0]] = code
        elif len(code) == 2 and code[0] == "9":
            colours["3"] = code
        elif len(code) == 3 and code.startswith("10"):
            colours["4"] = code
        elif code not in ("", "0"):
            attributes.add(code)
    return frozenset(attributes), colours["3"], colours["4"]


@lru_cache(1024)
def _step(written: str, wanted: str) -> str:
    """The shortest way from one state to the other; both as codes behind a reset."""
    before, after = _state(written), _state(wanted)
    if before == after:
        return ""
    if after == _PLAIN:
        return _RESET
    lost = before[0] - after[0] or (before[1] and not after[1]) or (before[2] and not after[2])
    if lost:
        return f"\x1b[0;{wanted}m"
    colours = [new for old, new in zip(before[1:], after[1:], strict=True) if new != old]
    codes = [*sorted(after[0] - before[0]), *colours]
    return f"\x1b[{';'.join(codes)}m"


@lru_cache(512)
def _ground(codes: str) -> str | None:
    """The colour of a blank, None where the blank itself is drawn on (underlined, reversed)."""
    attributes, _foreground, background = _state(codes)
    return background if attributes <= _OF_LETTERS else None


@lru_cache(256)
def _run(run: str, wanted: str, written: str) -> tuple[str, str, str]:
    """What is written in one place, and the codes that are wanted and written behind it.

    A line of a list is written again and again, each time a little higher.
    """
    parts = _SGR.split(run)
    out: list[str] = []
    # Text and codes take turns; nothing is set before there is text for it.
    for codes, text in zip([None, *parts[1::2]], parts[::2], strict=True):
        if codes is not None:
            # A piece may set more than one group of codes; each reset begins anew.
            wanted = "" if codes in ("", "0") else f"{wanted};{codes}" if wanted else codes
        if text and written != wanted:
            same = not text.strip(" ") and _ground(written) is not None
            if not (same and _ground(written) == _ground(wanted)):
                out.append(_step(written, wanted))
                written = wanted
        out.append(text)
    return "".join(out), wanted, written


def spared(data: str) -> str:
    """The same picture without what sets again what is set; it ends reset, if it did."""
    # What is written, and the moves between, take turns.
    parts, wanted, written = _MOVE.split(data), "", ""
    for at in range(0, len(parts), 2):
        run = parts[at]
        if at + 1 < len(parts):
            # Of several moves in a row only the last one matters.
            run = run.rstrip("\n")
            if at and not run:
                parts[at - 1] = ""
        parts[at], wanted, written = _run(run, wanted, written)
    return "".join(parts) + _step(written, wanted)


def sparing(driver: type[Driver]) -> type[Driver]:
    """The same driver, which writes less, and a picture in one piece: each piece wakes a thread."""

    class Sparing(driver):  # type: ignore[valid-type,misc]
        # Of a picture that is not complete yet (synchronized output), what there is.
        _held: list[str] | None = None

        def write(self, data: str) -> None:
            if data == SYNC_START:
                self._held = []
            data = spared(data)
            if self._held is not None:
                self._held.append(data)
                if data != SYNC_END:
                    return
                data, self._held = "".join(self._held), None
            super().write(data)

    return Sparing
