"""Pictures of people, at addresses that a service names and strangers may have chosen."""

from collections.abc import Collection

from pfinbox.channels.http.files import Files
from pfinbox.channels.http.wanted import Wanted
from pfinbox.domain.contract.pictures import LARGEST

_MOST_KNOWN = 5000


class Pictures(Files):
    """Gets pictures, by https only but from ``own``: the host and port of the service's API."""

    def __init__(self, own: str) -> None:
        super().__init__(LARGEST, own=own, encrypted=True)

    async def at(self, url: object) -> bytes | None:
        """The picture at an address, None where there is no address.

        Raises TemporaryFailure or PermanentFailure.
        """
        if not isinstance(url, str) or not url:
            return None
        return await self.content(Wanted("picture", "image/*", url))


class Redrawn:
    """Notices, by what a service says in passing, whose picture is another one than before."""

    def __init__(self) -> None:
        self._named: dict[str, object] = {}
        self._news: set[str] = set()

    def note(self, person: str, name: object) -> None:
        """``name``: whatever names the picture at the service, None where there is none."""
        if person in self._named and self._named[person] != name:
            self._news.add(person)
        elif len(self._named) >= _MOST_KNOWN:
            self._named.clear()
        self._named[person] = name

    def news(self) -> Collection[str]:
        """Each person once."""
        news, self._news = self._news, set()
        return news
