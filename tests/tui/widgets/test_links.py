"""Links in the terminal (OSC 8): what goes out raw is a link of ours or no sequence at all."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from textual.content import Content
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions

from pfinbox.tui.widgets import safe
from tests.domain.text.test_links import texts

_LINK = re.compile(r"\x1b]8;id=[0-9-]+;([!-~]+)\x1b\\(.*?)\x1b]8;;\x1b\\", re.DOTALL)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_CONSOLE = Console(color_system="truecolor", force_terminal=True)


def raw(content: Content, width: int = 60) -> str:
    """What the terminal gets."""

    def get_style(style: str | Style) -> Style:
        return style if isinstance(style, Style) else Style(underline=True)

    options = RenderOptions(get_style, {})
    lines = [
        Strip(strip) for line in content.wrap(width)
        for strip in line.render_strips(width, 1, Style(), options)
    ]  # fmt: skip
    return "\n".join(line.render(_CONSOLE) for line in lines)


def test_a_link_is_one_on_every_line_that_it_takes() -> None:
    target = "https://a.example/" + "x" * 100
    out = _LINK.findall(raw(safe.linked(f"see {target}.", "link", "aside")))
    assert [link for link, _shown in out] == [target] * 2
    shown = "".join(_COLOUR.sub("", text) for _link, text in out)
    assert shown.strip() == target


def test_a_link_that_is_cut_leads_to_all_of_its_target() -> None:
    cut = safe.linked("see https://a.example/long/path", "link", "aside", 21)
    assert cut.plain == "see https://a.example"
    assert [link for link, _shown in _LINK.findall(raw(cut))] == ["https://a.example/long/path"]


@settings(max_examples=150, deadline=None)
@given(texts, st.integers(10, 80), st.one_of(st.none(), st.integers(0, 60)))
def test_no_text_ends_the_sequence(text: str, width: int, limit: int | None) -> None:
    out = _LINK.sub(r"\2", raw(safe.linked(text, "link", "aside", limit), width))
    assert "\x1b" not in _COLOUR.sub("", out)
    assert "\x07" not in out
    assert "\x9c" not in out
