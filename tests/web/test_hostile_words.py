"""Whatever a client or a colleague writes, a page shows as words (R37): 200 hostile texts."""

from collections import Counter
from html.parser import HTMLParser
from itertools import product
from types import SimpleNamespace

from pfinbox.store.rows import AttachmentRow, PortalCommentRow, PortalConversation, PortalTaskRow
from pfinbox.web.pages import Pages
from pfinbox.web.portal import views
from pfinbox.web.rendering import html, typed
from pfinbox.web.site import Portal
from pfinbox.wording import portal as words
from pfinbox.wording.times import Clock
from tests.builders import START

_TAGS = (
    *("script", "img", "svg", "iframe", "object", "embed", "form", "input", "a", "style"),
    *("link", "meta", "base", "math", "details", "video", "template", "noscript", "title", "x"),
)
_SHAPES = (
    "<{0} src=x onerror=alert(1)>",
    "</{0}><{0} onload=alert(1)//",
    "\"'><{0} autofocus onfocus='alert(1)'>",
    "<{0}/href=javascript:alert(1)>http://x.example/<{0}>",
    "&lt;{0}&gt;<!--<{0}>--><![CDATA[<{0}>]]>",
    "{{{{ ''.__class__ }}}}{{% include '{0}' %}}<{0}>",
    'http://x.example/"onmouseover=alert(1) <{0}>',
    "java\tscript:alert(1) data:text/html,<{0}>",
    "\x00<{0}\x00>\u2028<{0}>\u202e",
    "mailto:a@x.example?subject=<{0}> https://x.example/?q=<{0}>&lt;",
)


PORTAL = Portal("Example Ltd")
_TARGETS = ("/p/", "http://x.example/", "https://x.example/", "mailto:")


class Seen(HTMLParser):
    """The tags of a page with their attributes, as a browser reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def a_page(payloads: list[str]) -> Seen:
    """A conversation whose every field is hostile."""
    first = payloads[0]
    task = PortalTaskRow(1, first, True, START, first, last_by_us=False, own=True)
    rows = tuple(
        PortalCommentRow(
            id=n,
            mine=n % 2 == 0,
            by_us=n % 3 == 0,
            author=one,
            text=f"{one}\n> {one}",
            new_text=one,
            created_at=START,
            quote=one,
            files=(AttachmentRow(n, one, one, 1, "0"),),
        )
        for n, one in enumerate(payloads, 1)
    )
    found = PortalConversation(task, rows)
    comments, _before = views.comments(found, first, Clock(START))
    page = Pages(PORTAL).render(
        "conversation.html",
        "en",
        title=html(words.task_title(task)),
        comments=comments,
        standing=html(words.standing(task)),
        visit=SimpleNamespace(form_token="x"),
        menu=(),
        here="/",
        path="/p/t/1",
        before="",
        later="",
        live="",
        state="",
        may_solve=True,
        may_write=True,
        linked=False,
        done="",
        nonce="n",
        text=first,
        wrong=first,
        limit=1,
        limit_words="",
    )
    assert len(comments) == len(payloads)
    seen = Seen()
    seen.feed(page)
    return seen


def test_r37_what_an_agent_types_is_formatted_as_in_the_mail_and_hostile_words_are_not() -> None:
    rel = 'rel="noopener noreferrer nofollow"'
    said = (
        "Hi **you**, _see_ [our <page>](https://x.example/?a=1&b):\n> `<b>` ~~old~~\n"
        "http://y.example\n```\nhttp://z.example\n```\n👍 *ok*"
    )
    assert typed(said) == (
        "Hi <strong>you</strong>, <em>see</em>"
        f' <a href="https://x.example/?a=1&amp;b" {rel}>our &lt;page&gt;</a>:\n'
        "<blockquote><code>&lt;b&gt;</code> <s>old</s></blockquote>"
        f'<a href="http://y.example" {rel}>http://y.example</a>\n'
        "<pre>http://z.example</pre>👍 <em>ok</em>"
    )
    allowed = {"strong", "a", "blockquote", "code", "em"}
    shapes = ("**{}**", "[{}](https://x.example/)", "> {}", "`{}`", "[x](https://x.example/{})")
    for shape, tag, marks in product(_SHAPES, _TAGS, shapes):
        words = Seen()
        words.feed(typed(marks.format(shape.format(tag))))
        assert {name for name, _attrs in words.tags} <= allowed
        assert all(set(attrs) <= {"href", "rel"} for _name, attrs in words.tags)
        targets = [attrs["href"] or "" for name, attrs in words.tags if name == "a"]
        assert all(one.startswith(_TARGETS) for one in targets), targets


def test_r37_two_hundred_hostile_texts_are_words_on_the_page() -> None:
    payloads = [shape.format(tag) for shape, tag in product(_SHAPES, _TAGS)]
    plain = kinds(a_page(["a word"] * 10))
    for start in range(0, len(payloads), 10):
        seen = a_page(payloads[start : start + 10])
        assert kinds(seen) == plain, payloads[start]
        for tag, attrs in seen.tags:
            assert not [name for name in attrs if name.startswith("on") or name == "style"]
            if tag == "script":
                assert (attrs["src"] or "").startswith("/p/page.js?")
            if tag == "a":
                assert (attrs["href"] or "").startswith(_TARGETS)


def kinds(seen: Seen) -> Counter[str]:
    """How many tags of each kind there are; links in texts are links."""
    return Counter(tag for tag, _attrs in seen.tags if tag != "a")
