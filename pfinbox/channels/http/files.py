"""The files of messages that a service names by their addresses."""

from collections.abc import Iterable
from dataclasses import replace

import aiohttp

from pfinbox.channels.http.fetch import NotFetched, TooLarge, connector, fetch
from pfinbox.channels.http.wanted import Wanted
from pfinbox.domain.contract.channel import PermanentFailure, TemporaryFailure
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.incoming import Edit, Message
from pfinbox.domain.contract.reason import Reason

_TRIES = 3
WithFiles = Message | Edit


class Files:
    """Gets files; one that cannot be had becomes a warning, so that it never blocks the others.

    ``limit``: of bytes. ``own``: the service's own host and port, which may be anywhere; from other
    private addresses something is fetched only with ``allow_private``. ``encrypted``: from others
    by https only.
    """

    def __init__(
        self,
        limit: int,
        *,
        own: str = "",
        allow_private: bool = False,
        encrypted: bool = False,
    ) -> None:
        self._limit = limit
        self._own = own
        self._allow_private = allow_private
        self._encrypted = encrypted
        self._session: aiohttp.ClientSession | None = None
        # How often a file could not be had.
        self._failed: dict[str, int] = {}

    async def into(self, event: WithFiles, wanted: Iterable[Wanted]) -> WithFiles:
        """The event with its files, and with what an agent must know about those missing.

        Raises TemporaryFailure while the file may be had another time.
        """
        files, warnings = list(event.files), list(event.warnings)
        for want in wanted:
            found = await self._fetch(want)
            if isinstance(found, File):
                files.append(found)
            else:
                warnings.append(found)
        return replace(event, files=tuple(files), warnings=tuple(warnings))

    async def _fetch(self, want: Wanted) -> File | Reason:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=connector(allow_private=self._allow_private)
            )
        try:
            content = await self.get(self._session, want)
        except TooLarge:
            return Reason("file_too_large", {"name": want.name, "limit": self._limit})
        except NotFetched as error:
            tries = self._failed[want.key] = self._failed.get(want.key, 0) + 1
            if error.later and tries < _TRIES:
                raise TemporaryFailure(not_fetched(want, str(error))) from error
            del self._failed[want.key]
            return not_fetched(want, str(error))
        self._failed.pop(want.key, None)
        return File(want.name, want.media_type, content)

    async def content(self, want: Wanted) -> bytes:
        """The bytes of one file; raises TemporaryFailure or PermanentFailure."""
        found = await self._fetch(want)
        if isinstance(found, Reason):
            raise PermanentFailure(found)
        return found.content

    async def get(self, session: aiohttp.ClientSession, want: Wanted) -> bytes:
        """The bytes of one file; raises NotFetched."""
        return await fetch(
            session,
            want.url,
            self._limit,
            allow_private=self._allow_private,
            own=self._own,
            encrypted=self._encrypted,
            head=want.head,
        )

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def without(event: WithFiles, wanted: Iterable[Wanted]) -> WithFiles:
    """The event as it is without the network: its files are named."""
    missing = (not_fetched(one, "read again without the network") for one in wanted)
    return replace(event, warnings=(*event.warnings, *missing))


def not_fetched(want: Wanted, detail: str) -> Reason:
    """The address is named: a person may have the right to open it."""
    where = f" ({want.url})" if want.url else ""
    return Reason("file_not_fetched", {"name": f"{want.name}{where}", "detail": detail})
