"""The composer's Markdown -> plain text and what is formatted in it; the same for every channel.

Only what surely is formatting is taken as such: ``2 * 3``, ``*2*3*``, ``snake_case`` and Windows
paths pass unchanged. No headings, lists or rules: every line break, number and ``#`` stays as it
was typed.
"""

import re

from pfinbox.record import record

# Emphasis begins at the start of a word: not within names, paths, globs or powers (2**3**4).
_BEFORE = r"(?<![^\s(\[{\"'«„*_~—-])"
_AFTER = r"(?![\w*\\/])"
_INLINE = re.compile(
    r"```(?P<language>[\w+-]*)\n(?P<pre>.+?)\n?```"
    r"|`(?P<code>[^`\n]+)`"
    rf"|{_BEFORE}\*\*\*(?=[^\s*])(?P<both>[^*\n]+)(?<=\S)\*\*\*{_AFTER}"
    rf"|{_BEFORE}\*\*(?=[^\s*])(?P<bold>[^\n]+?)(?<=\S)\*\*{_AFTER}"
    rf"|{_BEFORE}(?<!\*)\*(?=[^\s*])(?P<star>[^*\n]+)(?<=\S)\*{_AFTER}"
    rf"|{_BEFORE}(?<!_)_(?=[^\s_])(?P<line>[^_\n]+)(?<=\S)_{_AFTER}"
    r"|~~(?=\S)(?P<strike>[^\n]+?)(?<=\S)~~"
    r"|\[(?P<label>[^\[\]\n]+)\]\((?P<url>(?:https?://|mailto:|tel:|tg://)[^\s()]+)\)",
    re.DOTALL,
)
_QUOTE = re.compile(r"(?:^>[^\n]*(?:\n|\Z))+", re.MULTILINE)
_QUOTE_MARK = re.compile(r"^> ?", re.MULTILINE)
_KINDS = {
    "both": ("bold", "italic"),
    "bold": ("bold",),
    "star": ("italic",),
    "line": ("italic",),
    "strike": ("strikethrough",),
}
_DEEPEST = 4


@record
class Entity:
    """A formatted stretch; ``offset`` and ``length`` count UTF-16 units, as Telegram does."""

    kind: str
    offset: int
    length: int
    url: str | None = None
    language: str | None = None


def units(text: str) -> int:
    """The length of ``text`` as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def formatted(source: str) -> tuple[str, tuple[Entity, ...]]:
    """The text without its marks, and what the marks said."""
    writer = _Writer()
    last = 0
    for quote in _QUOTE.finditer(source):
        writer.inline(source[last : quote.start()])
        block = quote.group()
        body = _QUOTE_MARK.sub("", block).removesuffix("\n")
        start = writer.length
        writer.inline(body)
        writer.close("blockquote", start)
        if block.endswith("\n"):
            writer.plain("\n")
        last = quote.end()
    writer.inline(source[last:])
    return "".join(writer.pieces), tuple(sorted(writer.entities, key=_outer_first))


def _outer_first(entity: Entity) -> tuple[int, int]:
    return entity.offset, -entity.length


class _Writer:
    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.length = 0
        self.entities: list[Entity] = []

    def plain(self, text: str) -> None:
        self.pieces.append(text)
        self.length += units(text)

    def close(
        self, kind: str, start: int, url: str | None = None, language: str | None = None
    ) -> None:
        if self.length > start:
            self.entities.append(Entity(kind, start, self.length - start, url, language))

    def inline(self, text: str, depth: int = 0) -> None:
        last = 0
        for match in _INLINE.finditer(text) if depth < _DEEPEST else ():
            self.plain(text[last : match.start()])
            self._marked(match, depth)
            last = match.end()
        self.plain(text[last:])

    def _marked(self, match: re.Match[str], depth: int) -> None:
        start, name = self.length, match.lastgroup or ""
        if match["pre"] is not None:
            self.plain(match["pre"])
            self.close("pre", start, language=match["language"] or None)
        elif match["code"] is not None:
            self.plain(match["code"])
            self.close("code", start)
        elif match["url"] is not None:
            self.inline(match["label"], depth + 1)
            self.close("text_link", start, url=match["url"])
        else:
            self.inline(match[name], depth + 1)
            for kind in _KINDS[name]:
                self.close(kind, start)
