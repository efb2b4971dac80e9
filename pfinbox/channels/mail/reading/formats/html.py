"""HTML mail to plain text: one walk over the tree without recursion, nothing fetched.

Links become footnotes, quotations lines with ``> ``, hidden text goes.
"""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pfinbox.channels.mail.reading.formats.html_limits import bare_text, too_costly

MAX_HTML = 2_000_000
MAX_NODES = 200_000
_MAX_QUOTES = 8
_MAX_TABLES = 20

_DROPPED = frozenset(
    [
        "head",
        "style",
        "script",
        "title",
        "template",
        "noscript",
        "object",
        "embed",
        "iframe",
        "svg",
        "math",
    ]
)
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "header",
        "footer",
        "main",
        "aside",
        "table",
        "tbody",
        "thead",
        "tr",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "form",
        "fieldset",
        "address",
        "center",
        "figure",
        "pre",
        "blockquote",
        "li",
        "hr",
    ]
)
_SPACED = frozenset(
    ["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre", "blockquote"]
)
_HIDDEN = re.compile(
    r"display\s{0,9}:\s{0,9}none|visibility\s{0,9}:\s{0,9}hidden"
    r"|font-size\s{0,9}:\s{0,9}0(?![\d.])|mso-hide\s{0,9}:\s{0,9}all"
    r"|opacity\s{0,9}:\s{0,9}0(?![\d.])|max-height\s{0,9}:\s{0,9}0(?![\d.])"
    r"|(?<![\w-])color\s{0,9}:\s{0,9}transparent",
    re.IGNORECASE,
)
_SCHEMES = ("http://", "https://", "mailto:", "tel:")


class _Writer:
    """Collects lines: joins white space, keeps at most one empty line, prefixes quotations."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.links: dict[str, int] = {}
        self._line: list[str] = []
        self._space = False
        self.quotes = 0
        self.marker = ""
        # Of each open table, whether it shows data (and not where things stand on a page).
        self.tables: list[bool] = []
        self.cells = 0

    def words(self, text: str) -> None:
        collapsed = " ".join(text.split())
        if not collapsed:
            self._space = self._space or bool(text)
            return
        if (self._space or text[:1].isspace()) and self._line:
            self._line.append(" ")
        self._line.append(collapsed)
        self._space = text[-1:].isspace()

    def exactly(self, text: str) -> None:
        first, *rest = text.expandtabs().split("\n")
        self._line.append(first)
        for line in rest:
            self.end_line()
            self._line.append(line)

    def in_row(self) -> bool:
        """Whether cells of a table are being written, all on one line."""
        return self.cells > 0 and bool(self.tables) and self.tables[-1]

    def end_line(self, *, empty: bool = False) -> None:
        if self.in_row():
            self._space = True
            return
        self._space = False
        if not self._line and not empty:
            return
        text = "".join(self._line).rstrip()
        self._line = []
        if text or empty:
            self._put(self.marker + text)
            self.marker = ""

    def gap(self) -> None:
        """An empty line before what follows, unless one is there."""
        self.end_line()
        if self.lines and self.lines[-1].strip("> ") and not self.in_row():
            self._put("")

    def _put(self, text: str) -> None:
        prefix = ">" * self.quotes + " " if self.quotes else ""
        line = (prefix + text).rstrip()
        if not text and self.lines and not self.lines[-1].strip("> "):
            return
        self.lines.append(line)

    def text(self) -> str:
        self.end_line()
        lines = list(self.lines)
        while lines and not lines[-1].strip("> "):
            lines.pop()
        if self.links:
            lines.append("")
            lines += [f"[{number}] {link}" for link, number in self.links.items()]
        return "\n".join(lines).strip("\n")


def to_text(html: str) -> tuple[str, bool]:
    """The text of ``html`` and whether it is whole (False: it was cut at a limit)."""
    whole = len(html) <= MAX_HTML
    html = html[:MAX_HTML]
    if too_costly(html):
        return bare_text(html), False
    root = LexborHTMLParser(html).body
    out = _Writer()
    if root is None:
        return "", whole
    lists: list[int] = []  # the running number of each open ordered list, 0 for a plain one
    pre = 0
    node: LexborNode | None = root.child
    seen = 0
    top = root.mem_id  # comparing nodes with == compares their HTML
    while node is not None:
        seen += 1
        if seen > MAX_NODES:
            whole = False
            break
        descend = False
        tag = node.tag or ""
        if tag == "-text":
            text = node.text_content or ""
            if pre:
                out.exactly(text)
            else:
                out.words(text)
        elif tag not in _DROPPED and not tag.startswith(("-", "!", "_")) and not _hidden(node):
            _enter(node, tag, out, lists)
            pre += tag == "pre"
            descend = node.child is not None
            if not descend:
                _leave(node, tag, out, lists)
                pre -= tag == "pre"
        if descend:
            node = node.child
            continue
        while node is not None and node.next is None:
            node = node.parent
            if node is None or node.mem_id == top:
                node = None
                break
            _leave(node, node.tag or "", out, lists)
            pre -= node.tag == "pre"
        if node is not None:
            node = node.next
    return out.text(), whole


def _hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    if not attributes:
        return False
    style = attributes.get("style")
    return "hidden" in attributes or bool(style and _HIDDEN.search(style[:2000]))


def _shows_data(table: LexborNode) -> bool:
    """Whether its cells belong beside each other: it has headings or lines, and no table in it."""
    border = (table.attributes.get("border") or "0").strip()
    if border == "0" and table.css_first("th") is None:
        return False
    return table.css_first("table table") is None


def _enter(node: LexborNode, tag: str, out: _Writer, lists: list[int]) -> None:
    if tag == "br":
        out.end_line(empty=True)
    elif tag == "hr":
        out.end_line()
        out.words("----")
        out.end_line()
    elif tag in ("td", "th"):
        out.words(" | " if out.in_row() else " ")
        out.cells += 1
    elif tag == "img":
        _image(node, out)
    elif tag in _BLOCKS:
        if tag in _SPACED and not (tag in ("ul", "ol") and lists):
            out.gap()
        else:
            out.end_line()
    if tag == "table":
        out.tables.append(len(out.tables) < _MAX_TABLES and _shows_data(node))
    if tag in ("table", "tr"):
        out.cells = 0
    if tag == "blockquote":
        out.quotes = min(out.quotes + 1, _MAX_QUOTES)
    elif tag in ("ul", "ol"):
        lists.append(1 if tag == "ol" else 0)
    elif tag == "li":
        _item(out, lists)


def _image(node: LexborNode, out: _Writer) -> None:
    source = (node.attributes.get("src") or "").strip()
    if source[:4].lower() == "cid:":
        out.words(f"[cid:{source[4:304].strip('<>')}]")
    elif alt := node.attributes.get("alt"):
        out.words(f"[{alt[:200]}]")


def _item(out: _Writer, lists: list[int]) -> None:
    indent = "  " * max(min(len(lists), 8) - 1, 0)
    if lists and lists[-1]:
        out.marker = f"{indent}{lists[-1]}. "
        lists[-1] += 1
    else:
        out.marker = f"{indent}- "


def _leave(node: LexborNode, tag: str, out: _Writer, lists: list[int]) -> None:
    if tag == "a":
        _footnote(node, out)
        return
    if tag in ("table", "tr"):
        out.cells = 0
    if tag in _BLOCKS:
        out.end_line()
    if tag == "table" and out.tables:
        out.tables.pop()
        # Back in the cell of an outer table, whose rows are not one line any more.
        out.tables = [False] * len(out.tables)
    if tag == "blockquote":
        out.quotes = max(out.quotes - 1, 0)
    elif tag in ("ul", "ol") and lists:
        lists.pop()
    if tag in _SPACED and not (tag in ("ul", "ol") and lists):
        out.gap()


def _footnote(node: LexborNode, out: _Writer) -> None:
    link = (node.attributes.get("href") or "").strip()[:2000]
    if not link.lower().startswith(_SCHEMES) or any(char.isspace() for char in link):
        return
    shown = node.text(deep=True)[:2000].strip() if len(out.links) < 200 else link
    if shown and (link == shown or link.removeprefix("mailto:") == shown):
        return
    number = out.links.setdefault(link, len(out.links) + 1)
    out.words(f" [{number}]")
