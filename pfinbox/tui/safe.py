"""The one way by which text from outside reaches the screen: cleaned again, and never as markup.

Textual parses plain strings as markup (``[/]`` stops the program, ``[@click=app.quit]`` becomes a
button) and passes escape sequences on to the terminal, so everything goes through here.
"""

from textual.content import Content

from pfinbox.domain.text import clean, clean_line


def line(text: str, style: str = "", limit: int = 500) -> Content:
    """One line: a name, a title, a file's name. ``style`` is ours, never from outside."""
    return Content.styled(clean_line(text, limit), style)


def block(text: str, style: str = "") -> Content:
    """A text of several lines."""
    return Content.styled(clean(text), style)


def fit(content: Content, width: int) -> Content:
    """Exactly ``width`` cells: cut with an ellipsis or filled with blanks."""
    return content.truncate(max(width, 0), ellipsis=True, pad=True)
