"""Forms as they arrive: within their size, and not slower than anybody's line is."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from pfinbox.record import record
from pfinbox.web.site import SITE

# Of all fields without the files, and how many there may be.
_LARGEST_TEXT = 400_000
_MOST_PARTS = 64
# So many times of what is taken are read before a browser is cut off.
_SURPLUS = 4
# Bytes a second of the slowest line.
_SLOWEST = 2_000


@record
class Upload:
    """A file of a form, as the browser names it."""

    name: str
    media_type: str
    content: bytes


@dataclass(slots=True)
class Form:
    """The fields of a form by name, and its files."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[Upload] = field(default_factory=list)

    def text(self, name: str) -> str:
        """A field, with lines that end as everywhere; empty where the form has none."""
        return self.fields.get(name, "").replace("\r\n", "\n")


class FilesTooLarge(web.HTTPRequestEntityTooLarge):
    """The files of a form are larger than is taken; what was written beside them is not lost."""

    def __init__(self, limit: int, form: Form) -> None:
        super().__init__(limit, limit)
        self.form = form


# Raises where the fields that came before the first file are not enough.
Check = Callable[[Form], None]


async def read_form(request: web.Request, check: Check | None = None, files: int = 0) -> Form:
    """The form of a request; ``files``: so many bytes of files are taken.

    HTTPRequestEntityTooLarge, TimeoutError, HTTPBadRequest; FilesTooLarge where the fields are
    known. ``check`` looks at the fields before a
    file is read, so that a form without a token costs nothing; hidden fields come first.
    """
    is_multipart = request.content_type == "multipart/form-data"
    # What is somewhat too large is read and left out, so that the browser reads the answer.
    limit = _LARGEST_TEXT + files * (_SURPLUS if is_multipart else 1)
    if (request.content_length or 0) > limit:
        raise web.HTTPRequestEntityTooLarge(limit, request.content_length or 0)
    if request.content_type == "application/x-www-form-urlencoded":
        form = await _plain(request)
    elif is_multipart:
        form = await _multipart(request, check, files)
    else:
        raise web.HTTPUnsupportedMediaType
    if check is not None:
        check(form)
    return form


async def _plain(request: web.Request) -> Form:
    body = b"".join(
        [chunk async for chunk in _in_time(request, request.content.iter_any(), _LARGEST_TEXT)]
    )
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_PARTS)
    except ValueError as error:
        raise web.HTTPBadRequest from error
    return Form(dict(pairs))


async def _multipart(request: web.Request, check: Check | None, files: int) -> Form:
    form = Form()
    left = {True: files, False: _LARGEST_TEXT}
    checked = check is None
    try:
        reader = await request.multipart()
        for _part in range(_MOST_PARTS):
            async with asyncio.timeout(request.app[SITE].patience):
                part = await reader.next()
            if part is None:
                return form
            if not isinstance(part, BodyPartReader) or part.name is None:
                raise web.HTTPBadRequest
            is_file = part.filename is not None
            if is_file and not checked and check is not None:
                check(form)
                checked = True
            chunks = _in_time(request, _chunks(part), left[is_file])
            try:
                content = b"".join([chunk async for chunk in chunks])
            except web.HTTPRequestEntityTooLarge:
                if not is_file:
                    raise
                await _leave(request, files * _SURPLUS)
                raise FilesTooLarge(files, form) from None
            left[is_file] -= len(content)
            if not is_file:
                form.fields[part.name] = content.decode(errors="replace")
            elif part.filename or content:
                media_type = part.headers.get("Content-Type", "application/octet-stream")
                form.files.append(Upload(part.filename or "", media_type, content))
    except (ValueError, RuntimeError, HttpProcessingError, web.RequestPayloadError) as error:
        # No form: a line without an end, a boundary that never comes, a body that breaks off.
        raise web.HTTPBadRequest from error
    raise web.HTTPBadRequest


async def _leave(request: web.Request, most: int) -> None:
    """Read on without keeping anything, while the rest comes quickly and is not too much."""
    size = 0
    with suppress(TimeoutError):
        while size < most and not request.content.at_eof():
            async with asyncio.timeout(request.app[SITE].patience / 10):
                size += len(await request.content.readany())


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while chunk := await part.read_chunk():
        yield chunk


async def _in_time(
    request: web.Request, chunks: AsyncIterator[bytes], limit: int
) -> AsyncIterator[bytes]:
    """The chunks of a body, up to ``limit`` bytes and as quick as a slow line is."""
    patience, began = request.app[SITE].patience, asyncio.get_running_loop().time()
    size = 0
    while True:
        async with asyncio.timeout_at(began + patience + size / _SLOWEST):
            chunk = await anext(chunks, None)
        if chunk is None:
            return
        size += len(chunk)
        if size > limit:
            raise web.HTTPRequestEntityTooLarge(limit, size)
        yield chunk
