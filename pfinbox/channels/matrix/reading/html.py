"""The formatted body of a message as plain text: what its links lead to stays readable.

https://spec.matrix.org/v1.16/client-server-api/#mroommessage-msgtypes
"""

from html.parser import HTMLParser

_BLOCKS = {"p", "div", "blockquote", "pre", "ul", "ol", "table", "tr"}
_BLOCKS |= {"h1", "h2", "h3", "h4", "h5", "h6", "hr", "details", "summary"}
_PEOPLE = "https://matrix.to/"
_DEEPEST = 100


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self._quotes = 0
        self._hidden = 0
        self._lists: list[int | None] = []
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "mx-reply":
            self._hidden += 1
        elif tag == "br":
            self._break(always=True)
        elif tag == "a":
            self._links.append((given.get("href") or "", len(self._said())))
        elif tag == "img":
            self._say(given.get("alt") or "")
        elif tag == "li":
            self._break()
            self._say(self._mark())
        elif tag in _BLOCKS:
            self._break()
            if tag == "blockquote":
                self._quotes = min(self._quotes + 1, _DEEPEST)
            elif tag in ("ul", "ol"):
                self._lists.append(1 if tag == "ol" else None)
        elif tag in ("td", "th"):
            self._say(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "mx-reply":
            self._hidden = max(self._hidden - 1, 0)
        elif tag == "a" and self._links:
            self._end_link(*self._links.pop())
        elif tag in _BLOCKS:
            self._break()
            if tag == "blockquote":
                self._quotes = max(self._quotes - 1, 0)
            elif tag in ("ul", "ol") and self._lists:
                self._lists.pop()

    def handle_data(self, data: str) -> None:
        first, *others = data.split("\n")
        self._say(first)
        for line in others:
            self._break(always=True)
            self._say(line)

    def _end_link(self, url: str, begin: int) -> None:
        """A link whose words are not its address names that, too."""
        words = self._said()[begin:].strip()
        shown = url.removeprefix("mailto:").removeprefix("https://").removeprefix("http://")
        leads_out = url.startswith(("http://", "https://", "mailto:"))
        if leads_out and not url.startswith(_PEOPLE) and shown.rstrip("/") not in words:
            self._say(f" <{url}>")

    def _mark(self) -> str:
        if self._lists and (number := self._lists[-1]) is not None:
            self._lists[-1] = number + 1
            return f"{number}. "
        return "- "

    def _said(self) -> str:
        return "\n".join(self.lines)

    def _say(self, text: str) -> None:
        if self._hidden or not text:
            return
        if not self.lines[-1] and self._quotes:
            self.lines[-1] = "> " * self._quotes
        self.lines[-1] += text

    def _break(self, *, always: bool = False) -> None:
        if not self._hidden and (always or self.lines[-1]):
            self.lines.append("")


def plain(formatted: str) -> str:
    """The words of ``formatted``; without those of the message that it answers."""
    reader = _Text()
    reader.feed(formatted)
    reader.close()
    return "\n".join(line.rstrip() for line in reader.lines).strip()
