"""The colours that the stylesheets name, for every theme that is offered.

A stylesheet that names a colour which the theme lacks ends the program, and would again at each
start, since the theme is remembered. So ``complete`` gives every theme every colour, and makes
every text readable on every background: a colour of text with less contrast than ``LEAST`` goes
towards white, or black, until it has that much. The themes of the terminal's own sixteen colours
have values of ours: such colours cannot be mixed, a percentage of one is all of it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from textual.app import App
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from pfinbox.i18n import _
from pfinbox.tui.settings.themes import DARK, HIGH_CONTRAST, OWN

# Of each text to each background that it may stand on; WCAG calls 4.5 enough and 7 better.
LEAST, BETTER = 4.5, 7.0
# So much of the contrast to the screen is left on a background that is laid over; with less of it
# quiet texts, to be readable there, would have to be as bright as all others.
_KEPT = 0.75

# Backgrounds that are mixtures: what is laid over which one, and how thick.
_MIXED = {
    "cursor-strong": ("elevated", "primary", 0.4),
    "cursor-line": ("background", "primary", 0.3),
    "cursor-blurred": ("background", "foreground", 0.08),
    "marked-line": ("background", "accent", 0.2),
    "internal-background": ("background", "warning", 0.08),
    "chip": ("background", "foreground", 0.12),
}
_BACKGROUNDS = ("background", "surface", "panel", "elevated", *_MIXED)
# Texts, and how much of each is laid over the background before it is made readable.
_TEXTS = {
    "foreground": 1.0,
    "foreground-muted": 0.62,
    "foreground-disabled": 0.45,
    "text-primary": 1.0,
    "text-success": 1.0,
    "text-warning": 1.0,
    "text-error": 1.0,
    "text-accent": 1.0,
}
_SIXTEEN = {
    "foreground-muted": "ansi_default",
    "text-muted": "ansi_default",
    "cursor-bar": "ansi_default",
    "marked-line": "transparent",
    "internal-background": "transparent",
    "chip": "transparent",
    "elevated": "ansi_default",
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


def offer(app: App[Any]) -> None:
    """Our own themes beside those of Textual; the dark one is there from the start."""
    for theme in OWN:
        app.register_theme(theme)
    app.theme = DARK


def wear(app: App[Any], wanted: Sequence[object]) -> str | None:
    """The first wanted theme that there is; the sentence to say where that is not the first one.

    A theme that was remembered may be another version's: it must not end the program.
    """
    missing = []
    for one in wanted:
        if isinstance(one, str) and one in app.available_themes:
            app.theme = one
            break
        missing.append(str(one))
    if not missing:
        return None
    words = _("There is no theme {name}; the colours are those of {theme}.")
    return words.format(name=missing[0], theme=app.theme)


def complete(theme: Theme, variables: Mapping[str, str]) -> dict[str, str]:
    """``variables`` of ``theme`` with all that the stylesheets need."""
    base = BUILTIN_THEMES["textual-dark" if theme.dark else "textual-light"]
    found = {**base.to_color_system().generate(), **variables}
    if theme.ansi:
        return found | _SIXTEEN | (_SIXTEEN_DARK if theme.dark else _SIXTEEN_LIGHT)
    pole = Color.parse("white" if theme.dark else "black")
    found["elevated"] = _over(found["surface"], "white", 0.04 if theme.dark else 0.6).hex
    found["foreground"] = _readable(
        Color.parse(found["foreground"]), pole, [Color.parse(found["background"])], BETTER
    ).hex
    for name, (under, over, share) in _MIXED.items():
        found[name] = variables.get(name) or _under_text(found, under, over, share).hex
    backgrounds = [Color.parse(found[name]) for name in _BACKGROUNDS]
    least = BETTER if theme.name == HIGH_CONTRAST else LEAST
    for name, share in _TEXTS.items():
        colour = _over(found["background"], found[name], share)
        found[name] = _readable(colour, pole, backgrounds, least).hex
    found["text-muted"] = found["foreground-muted"]
    found["text-disabled"] = found["foreground-disabled"]
    found["cursor-bar"] = found["text-primary"]
    return found


def contrast(text: Color, background: Color) -> float:
    """As WCAG computes it: 1 for the same colour, 21 for black on white."""
    bright, dark = sorted((luminance(text), luminance(background)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: Color) -> float:
    """How bright a colour looks, from 0 to 1."""
    parts = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in colour.normalized]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _over(under: str, over: str, share: float) -> Color:
    """``over`` laid on ``under``, as thick as ``share`` says."""
    return Color.parse(under).blend(Color(*Color.parse(over).rgb), share)


def _under_text(found: Mapping[str, str], under: str, over: str, share: float) -> Color:
    """A mixture on which the ordinary text is still far from what it stands on."""
    text = Color.parse(found["foreground"])
    enough = _KEPT * contrast(text, Color.parse(found[under]))
    while contrast(text, mixed := _over(found[under], found[over], share)) < enough:
        share *= 0.9
    return mixed


def _readable(colour: Color, pole: Color, backgrounds: Sequence[Color], least: float) -> Color:
    """The nearest colour on the way to ``pole`` that has the contrast ``least`` to all of them."""
    for step in range(21):
        nearer = colour.blend(pole, step / 20)
        # Compared as it is written, in whole numbers.
        written = Color.parse(nearer.hex)
        if all(contrast(written, background) >= least for background in backgrounds):
            return written
    return pole
