"""The colours that the stylesheets name, for every theme that Textual offers.

A stylesheet that names a colour which the theme lacks ends the program, and would again at each
start, since the theme is remembered. So ``complete`` gives every theme every colour. The themes of
the terminal's own sixteen colours have values of ours: such colours cannot be mixed, a percentage
of one is all of it.
"""

from collections.abc import Mapping

from textual.theme import BUILTIN_THEMES, Theme

# Backgrounds that are mixtures: of the cursor, of what is marked, of what nobody outside sees.
_MIXED = {
    "cursor-strong": ("block-cursor-background", "40%"),
    "cursor-line": ("block-cursor-background", "30%"),
    "cursor-blurred": ("boost", ""),
    "marked-line": ("accent", "15%"),
    "internal-background": ("warning", "8%"),
}
_SIXTEEN = {
    "foreground-muted": "ansi_default",
    "text-muted": "ansi_default",
    "marked-line": "transparent",
    "internal-background": "transparent",
    "block-cursor-text-style": "bold",
}
_SIXTEEN_DARK = {
    "cursor-strong": "ansi_bright_black",
    "cursor-line": "ansi_bright_black",
    "cursor-blurred": "ansi_black",
    "foreground-disabled": "ansi_white",
    "text-disabled": "ansi_white",
    "text-primary": "ansi_bright_cyan",
    "text-success": "ansi_bright_green",
    "text-warning": "ansi_bright_yellow",
    "text-error": "ansi_bright_red",
    "text-accent": "ansi_bright_magenta",
}
_SIXTEEN_LIGHT = {
    "cursor-strong": "ansi_white",
    "cursor-line": "ansi_white",
    "cursor-blurred": "ansi_bright_white",
    "foreground-disabled": "ansi_bright_black",
    "text-disabled": "ansi_bright_black",
    "text-warning": "ansi_red",
}


def complete(theme: Theme, variables: Mapping[str, str]) -> dict[str, str]:
    """``variables`` of ``theme`` with all that the stylesheets need."""
    base = BUILTIN_THEMES["textual-dark" if theme.dark else "textual-light"]
    found = {**base.to_color_system().generate(), **variables}
    for name, (colour, share) in _MIXED.items():
        found[name] = f"{found[colour]} {share}".strip()
    if theme.ansi:
        found |= _SIXTEEN | (_SIXTEEN_DARK if theme.dark else _SIXTEEN_LIGHT)
    return found
