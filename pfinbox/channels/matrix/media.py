"""Files: fetched from the homeserver's store of media, and put there.

https://spec.matrix.org/v1.16/client-server-api/#content-repository
"""

import re
from collections.abc import Callable
from typing import Any

import aiohttp
from aiohttp.payload import BytesPayload

from pfinbox.channels.http.api import Refused
from pfinbox.channels.http.fetch import NotFetched, fetch
from pfinbox.channels.http.files import Files
from pfinbox.channels.http.wanted import Wanted
from pfinbox.channels.matrix.api import MatrixApi
from pfinbox.channels.matrix.formatting import spelled
from pfinbox.channels.matrix.reading.content import Encrypted, Json
from pfinbox.domain.contract.channel import PermanentFailure
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.text.cleaning import clean_line

_NAME = re.compile(r"mxc://([\w\[][\w.:\[\]-]*)/([\w~-][\w.~-]*)")
_KINDS = ("image", "audio", "video")


class Media(Files):
    """``opened`` makes of an encrypted file what it was; None without the means to do so."""

    # Where files are, and on older homeservers; and what is asked of them there.
    places = ("/_matrix/client/v1/media/download", "/_matrix/media/v3/download")
    query = ""

    def __init__(
        self, api: MatrixApi, limit: int, opened: Callable[[bytes, Json], bytes] | None
    ) -> None:
        super().__init__(limit, own=api.host)
        self._api = api
        self.opened = opened

    async def get(self, session: aiohttp.ClientSession, want: Wanted) -> bytes:
        named = _NAME.fullmatch(want.url)
        if named is None:
            raise NotFetched("this is no address of a file")
        sealed = want.secret if isinstance(want, Encrypted) else None
        if sealed is not None and self.opened is None:
            raise NotFetched("it is encrypted")
        content = await self._download(session, "/".join(named.groups()))
        if sealed is None or self.opened is None:
            return content
        try:
            return self.opened(content, sealed)
        except (ValueError, KeyError, TypeError) as error:
            raise NotFetched("it cannot be decrypted") from error

    async def _download(self, session: aiohttp.ClientSession, name: str) -> bytes:
        """With another token where the one has run out meanwhile."""
        device = await self._api.device()
        try:
            return await self._fetched(session, name)
        except NotFetched as error:
            if not str(error).endswith("401") or not await self._api.signed_in_again(device):
                raise
        return await self._fetched(session, name)

    async def _fetched(self, session: aiohttp.ClientSession, name: str) -> bytes:
        """An older homeserver has its files at the second place only."""
        head = await self._api.head()
        for place in self.places:
            try:
                return await fetch(
                    session,
                    f"{self._api.base}{place}/{name}{self.query}",
                    self._limit,
                    allow_private=False,
                    own=self._api.host,
                    head=head,
                )
            except NotFetched as error:
                if place == self.places[-1] or not str(error).endswith("404"):
                    raise
        raise NotFetched("it is not there")


async def upload(api: MatrixApi, file: File, content: bytes) -> str:
    """The address (mxc) of a file that is put there, encrypted or as it is."""
    kind = file.media_type if content is file.content else "application/octet-stream"
    name = {"filename": clean_line(file.name, 150)} if content is file.content else {}
    try:
        told = await api.call(
            "POST",
            "/_matrix/media/v3/upload",
            params=name,
            data=BytesPayload(content, content_type=kind),
            seconds=300,
        )
    except Refused as refused:
        if refused.code != "M_TOO_LARGE":
            raise
        size = {"name": file.name, "size": len(content), "limit": "?"}
        raise PermanentFailure(Reason("file_too_large", size)) from refused
    return str(told["content_uri"])


def message(file: File, place: dict[str, Any], caption: str) -> dict[str, Any]:
    """The message that shows a file; ``place`` is its ``url``, or what opens it."""
    kind = file.media_type.partition("/")[0]
    name = clean_line(file.name, 150) or "file"
    return {
        "msgtype": f"m.{kind}" if kind in _KINDS else "m.file",
        **(spelled(caption) if caption else {"body": name}),
        "filename": name,
        "info": {"mimetype": file.media_type, "size": len(file.content)},
        **place,
    }


async def largest(api: MatrixApi) -> int | None:
    """The size in bytes of the largest file that the homeserver takes, where it says so."""
    for path in ("/_matrix/client/v1/media/config", "/_matrix/media/v3/config"):
        try:
            told = await api.call("GET", path)
        except Refused:
            continue
        size = told.get("m.upload.size") if isinstance(told, dict) else None
        return size if isinstance(size, int) else None
    return None
