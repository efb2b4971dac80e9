"""Pages from templates; everything put into one is escaped."""

import hashlib
from importlib.resources import files

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pfinbox.i18n import LANGUAGES, _, ngettext
from pfinbox.web.site import SITE, Portal


class Pages:
    """The templates of one portal."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._templates = Environment(
            loader=FileSystemLoader(str(files("pfinbox.web").joinpath("templates"))),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        # Looked up when a page is made: each reader has a language of their own.
        self._templates.globals.update(
            _=lambda sentence, **values: _(sentence).format(**values),
            ngettext=lambda one, many, n, **values: ngettext(one, many, n).format(n=n, **values),
            version=_version(portal),
        )

    def render(self, template: str, language: str, **values: object) -> str:
        """The HTML of a page."""
        page = self._templates.get_template(template)
        return page.render(site=self._portal, lang=language, **values)


PAGES = web.AppKey("pages", Pages)


def page(
    request: web.Request, template: str, *, status: int = 200, **values: object
) -> web.Response:
    """A page in the reader's language; values are escaped, whatever they hold."""
    html = request.app[PAGES].render(template, request[LANGUAGE], **values)
    return web.Response(text=html, content_type="text/html", charset="utf-8", status=status)


def see_other(path: str) -> web.Response:
    """After a form: go there, so that loading again sends nothing again."""
    return web.Response(status=303, headers={"Location": path})


LANGUAGE = web.RequestKey("language", str)


def reader_language(request: web.Request) -> str:
    """The language of somebody of whom nothing is known: the configured one, else the browser's."""
    portal = request.app[SITE].portal
    if portal is not None and portal.language is not None:
        return portal.language
    return accepted(request.headers.get("Accept-Language", ""))


def accepted(header: str) -> str:
    """The best of our languages by ``Accept-Language`` (RFC 9110, 12.5.4); English else."""
    wanted: list[tuple[float, str]] = []
    for one in header[:500].split(","):
        name, _semicolon, parameter = one.strip().partition(";")
        quality = parameter.strip().removeprefix("q=")
        try:
            wanted.append((-float(quality or 1), name.partition("-")[0].lower()))
        except ValueError:
            continue
    best = [name for quality, name in sorted(wanted, key=_by_quality) if quality < 0]
    return next((name for name in best if name in LANGUAGES), "en")


def _by_quality(one: tuple[float, str]) -> float:
    return one[0]


def _version(portal: Portal) -> str:
    """Changes with what browsers keep."""
    kept = [file for file in files("pfinbox.web").iterdir() if file.name.endswith((".css", ".js"))]
    parts = [file.read_bytes() for file in sorted(kept, key=lambda file: file.name)]
    parts += [portal.accent.encode(), portal.logo[1] if portal.logo is not None else b""]
    return hashlib.sha256(b"".join(parts)).hexdigest()[:8]
