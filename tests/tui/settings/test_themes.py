"""Every theme that is offered, on every kind of screen: it stands, and it can be read (R14)."""

from rich.color import Color, ColorType
from textual._context import visible_screen_stack
from textual.color import Color as Mixed

from pfinbox.services.people import preferences
from pfinbox.tui.app import PfinboxApp
from pfinbox.tui.compose.notify_picker import NotifyPicker
from pfinbox.tui.settings.colours import BETTER, LEAST, contrast
from pfinbox.tui.settings.themes import DARK, HIGH_CONTRAST, LIGHT
from tests.builders import Inbox
from tests.tui.stage import on_stage, said, screen_text, settle, type_burst


def unreadable(app: PfinboxApp) -> list[str]:
    """Words with too little contrast to their background, as they are really painted."""
    visible_screen_stack.set(app._background_screens)
    found, frame = [], app.screen.region
    if app.screen is not app.main:
        # What shines through beside a dialog need not be read.
        frame = app.screen.query_one(".dialog").region
    least = BETTER if app.theme == HIGH_CONTRAST else LEAST
    for line in app.screen._compositor.render_strips()[frame.y : frame.bottom]:
        for segment in line.crop(frame.x, frame.right):
            style = segment.style
            if style is None or style.color is None or not any(map(str.isalnum, segment.text)):
                continue
            text, under = style.color, style.bgcolor
            if style.reverse and under is not None:
                text, under = under, text
            found_contrast = of(text, under)
            if (style.dim and not app.current_theme.ansi) or found_contrast < least:
                found.append(f"{segment.text!r} {text} {under} {found_contrast:.1f}")
    return found


def of(text: Color, background: Color | None) -> float:
    """Of the terminal's own colours is only known that the same one twice shows nothing."""
    under = background or Color.default()
    if ColorType.TRUECOLOR in (text.type, under.type):
        return contrast(Mixed.from_rich_color(text), Mixed.from_rich_color(under))
    return 21.0 if text.is_default or text.number != under.number else 1.0


async def test_every_theme_can_be_worked_with(inbox: Inbox) -> None:
    """R14, R47: every text has its contrast, the row under the cursor too.

    Chosen in the running inbox: ansi-dark and ansi-light ended it, at each start.
    """
    async with on_stage(inbox, look={"theme": "ansi-dark"}) as (app, pilot):
        # What was stored is there from the start on.
        assert app.theme == "ansi-dark"
        # One reading and writing: list, conversation, composer; light after dark and back.
        await type_burst(pilot, "nDraft")
        for theme in sorted(app.available_themes, key=lambda name: name[::-1]):
            app.theme = theme
            await settle(pilot)
            assert not unreadable(app), theme
            assert "Draft" in screen_text(app), theme
        await type_burst(pilot, "\x1b")
        for theme in ("ansi-light", LIGHT, HIGH_CONTRAST, DARK):
            await type_burst(pilot, f":theme {theme}\r\rj")
            assert (app.theme, unreadable(app)) == (theme, []), screen_text(app)
            await type_burst(pilot, "n\t")
            assert isinstance(app.screen, NotifyPicker), theme
            assert not unreadable(app), theme
            await type_burst(pilot, "\x1b\x1b\x1b")
        async with inbox.store.read() as uow:
            look = await preferences.load(uow, inbox.actor("anna"))
        assert look["theme"] == theme


async def test_a_stored_theme_that_there_is_not_gives_the_usual_one(inbox: Inbox) -> None:
    """A theme that there is not falls back, and says so."""
    stage = on_stage(inbox, look={"theme": ["gone"]}, theme="nord", notifications=True)
    async with stage as (app, _pilot):
        assert app.theme == "nord"
        assert "There is no theme ['gone']; the colours are those of nord." in said(app)
        assert "Maria Lopez" in screen_text(app)
