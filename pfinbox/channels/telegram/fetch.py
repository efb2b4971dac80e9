"""Fetching the files of incoming messages, at once: Telegram's links to them expire."""

from collections.abc import Sequence
from typing import Any

from aiogram.exceptions import TelegramAPIError, TelegramBadRequest
from aiogram.methods import TelegramMethod

from pfinbox.channels.telegram.api import Api, TooLarge
from pfinbox.channels.telegram.failures import Broken, NotSent, detail_of, failure
from pfinbox.channels.telegram.reading.content import Wanted
from pfinbox.domain.contract.channel import TemporaryFailure
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.pictures import LARGEST
from pfinbox.domain.contract.reason import Reason

PUBLIC_LIMIT = 20 * 1024 * 1024  # https://core.telegram.org/bots/api#getfile
OWN_LIMIT = 200 * 1024 * 1024  # a server of one's own gives 2000 MB; here it has to fit in memory
_TRIES = 3


class GetFile(TelegramMethod[Any]):
    """getFile with its answer unparsed."""

    __returning__ = Any
    __api_method__ = "getFile"

    file_id: str


class _GetUserProfilePhotos(TelegramMethod[Any]):
    """https://core.telegram.org/bots/api#getuserprofilephotos"""

    __returning__ = Any
    __api_method__ = "getUserProfilePhotos"

    user_id: int
    limit: int = 1


class Fetcher:
    """Gets files; one that cannot be had becomes a warning, so that it never blocks the others."""

    def __init__(self, api: Api, limit: int) -> None:
        self._api = api
        self._limit = limit
        self._failed: dict[str, int] = {}

    async def fetch(self, wanted: Sequence[Wanted]) -> tuple[list[File], list[Reason]]:
        """The files and what an agent must know about those missing.

        Raises TemporaryFailure while the network, not the file, seems to be the cause.
        """
        files: list[File] = []
        warnings: list[Reason] = []
        for want in wanted:
            got = await self._one(want)
            if isinstance(got, File):
                files.append(got)
            else:
                warnings.append(got)
        return files, warnings

    async def picture(self, person: str) -> bytes | None:
        """The newest picture of a user, in the largest size that is taken.

        Raises aiogram's errors, NotSent, Broken, or what an answer of another shape causes.
        """
        if not person.isdecimal():
            return None  # a group or a channel
        told = await self._api.call(_GetUserProfilePhotos(user_id=int(person)), 20)
        newest = next(iter(told["photos"]), ())
        taken = [one for one in newest if one.get("file_size", 0) <= LARGEST]
        if not taken:
            return None
        best = max(taken, key=lambda one: one["width"])
        return await self._by_id(best["file_id"], LARGEST)

    async def _one(self, want: Wanted) -> File | Reason:
        if want.size is not None and want.size > self._limit:
            return self._too_large(want, want.size)
        try:
            content = await self._by_id(want.file_id, self._limit)
        except TooLarge:
            return self._too_large(want, want.size)
        except TelegramBadRequest as problem:
            if "too big" in problem.message:
                return self._too_large(want, want.size)
            return _not_fetched(want, detail_of(problem, self._api.token))
        except (NotSent, Broken, TelegramAPIError) as problem:
            trouble = failure(problem, host=self._api.host, token=self._api.token)
            detail = detail_of(problem, self._api.token)
        except Exception as problem:  # an answer of any other shape
            return _not_fetched(want, detail_of(problem, self._api.token))
        else:
            self._failed.pop(want.file_id, None)
            return File(want.name, want.media_type, content)
        if not isinstance(trouble, TemporaryFailure) or trouble.retry_after is not None:
            raise trouble
        tries = self._failed[want.file_id] = self._failed.get(want.file_id, 0) + 1
        if tries < _TRIES:
            raise trouble
        del self._failed[want.file_id]
        return _not_fetched(want, detail)

    async def _by_id(self, file_id: str, limit: int) -> bytes:
        answer = await self._api.call(GetFile(file_id=file_id))
        path = answer.get("file_path")
        if not isinstance(path, str) or not path:
            raise ValueError("no path")
        return await self._api.download(path, limit)

    def _too_large(self, want: Wanted, size: int | None) -> Reason:
        # "?" is what a sentence shows for a size that nobody told us
        known: dict[str, Any] = {} if size is None else {"size": size}
        return Reason("file_too_large", {"name": want.name, "limit": self._limit, **known})


def _not_fetched(want: Wanted, detail: str) -> Reason:
    return Reason("file_not_fetched", {"name": want.name, "detail": detail})


def unfetched(wanted: Sequence[Wanted]) -> tuple[Reason, ...]:
    """The warnings for files when there is no network to fetch them by."""
    return tuple(_not_fetched(want, "read again without the network") for want in wanted)
