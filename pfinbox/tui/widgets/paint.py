"""From content to strips: what the line-API widgets share.

Styles inside content are names of component classes, so that the colours stay in the stylesheet.
"""

from collections.abc import Callable, Iterable

from rich.segment import Segment
from textual.content import Content, Span
from textual.geometry import Region
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget


def style_of(widget: Widget) -> Callable[[str | Style], Style]:
    """Component classes of ``widget`` by name; words such as ``bold $text-error`` as they are."""

    def get_style(style: str | Style) -> Style:
        if isinstance(style, Style):
            return style
        if style in widget._component_styles:
            return widget.get_visual_style(style, partial=True)
        return Style.parse(style)

    return get_style


def strip(widget: Widget, content: Content, base: Style, width: int) -> Strip:
    """One line of ``content`` on the style ``base``, exactly ``width`` cells.

    Textual's own way notes in each style where it stands, for the mouse to mark text: no two styles
    are the same then, and none is found again. ``Strip.apply_offsets`` does it where it is wanted.
    """
    segments = [
        Segment(text, (base + style).rich_style)
        for text, style in content.render(base, end="", parse_style=style_of(widget))
    ]
    return Strip(segments).adjust_cell_length(max(width, 1), base.rich_style)


def finished(widget: Widget, lines: Iterable[Strip], crop: Region) -> list[Strip]:
    """Lines of a widget without a border as its ``render_lines`` gives them. Textual puts each of
    them together again; here one that was drawn before costs nothing, wherever it stands now.
    """
    background = widget.background_colors[1]
    filters, base = widget.get_line_filters(), widget.visual_style.rich_style
    left, right = crop.column_span
    strips = []
    for line in lines:
        strip = line.adjust_cell_length(right, base)
        for one in filters:
            strip = strip.apply_filter(one, background)
        strips.append(strip.crop(left, right))
    return strips


def marked(widget: Widget, content: Content, line: int) -> Content:
    """``content``, which is this line of ``widget``, with what the mouse has marked of it."""
    selection = widget.text_selection
    if selection is None or (span := selection.get_span(line)) is None:
        return content
    start, end = span
    style = widget.screen.get_visual_style("screen--selection")
    return content.stylize(style, start, None if end == -1 else end)


def blank(widget: Widget, width: int) -> Strip:
    """An empty line."""
    return Strip.blank(width, widget.visual_style.rich_style)


def ends(left: Content, right: Content, width: int) -> Content:
    """``left`` cut so that ``right`` keeps its place at the end of the line."""
    room = width - right.cell_length
    if right.cell_length and room > 1:
        head = left.truncate(room - 1, ellipsis=True, pad=True)
        return Content.assemble(head, " ", right)
    return left.truncate(max(width, 0), ellipsis=True, pad=True)


def resolved(widget: Widget, content: Content) -> Content:
    """``content`` with the component classes of ``widget`` replaced by their styles.

    For content that goes into another widget, which does not know them.
    """
    get_style = style_of(widget)
    spans = [Span(span.start, span.end, get_style(span.style)) for span in content.spans]
    return Content(content.plain, spans)
