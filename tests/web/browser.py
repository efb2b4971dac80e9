"""A client of pages as a browser is one: cookies, origins, forms with their hidden fields."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape

import aiohttp

_INPUT = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@dataclass
class Page:
    """An answer: its status, headers and text."""

    status: int
    headers: Mapping[str, str]
    text: str
    location: str = ""

    @property
    def hidden(self) -> dict[str, str]:
        """The hidden fields of the page's forms."""
        return {name: unescape(value) for name, value in _INPUT.findall(self.text)}


@dataclass
class Browser:
    """``url``: where the door listens; ``base``: what it is called outside, by the proxy."""

    session: aiohttp.ClientSession
    url: str
    base: str
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **headers: str) -> Page:
        return await self._ask("GET", path, headers, None)

    async def post(self, path: str, fields: dict[str, str], **headers: str) -> Page:
        """Send a form; the origin is the page's own unless ``Origin`` says otherwise."""
        return await self._ask("POST", path, {"Origin": self.base, **headers}, fields)

    async def _ask(
        self, method: str, path: str, headers: dict[str, str], fields: dict[str, str] | None
    ) -> Page:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        async with self.session.request(
            method, self.url + path, headers=sent, data=fields, allow_redirects=False
        ) as answer:
            for name, morsel in answer.cookies.items():
                self.cookies[name] = morsel.value
                if morsel["max-age"] == "0":
                    del self.cookies[name]
            text = await answer.text()
            return Page(answer.status, answer.headers, text, answer.headers.get("Location", ""))
