"""Pictures of people, as the homeserver makes them smaller.

https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3profileuserid
"""

from urllib.parse import quote

from pfinbox.channels.http.api import Refused
from pfinbox.channels.http.pictures import Redrawn
from pfinbox.channels.http.wanted import Wanted
from pfinbox.channels.matrix.api import MatrixApi
from pfinbox.channels.matrix.media import Media
from pfinbox.channels.matrix.reading.content import Json, mapping
from pfinbox.domain.contract.pictures import LARGEST


class Pictures(Media):
    """``redrawn``: who has another one, by what rooms say of their members."""

    places = ("/_matrix/client/v1/media/thumbnail", "/_matrix/media/v3/thumbnail")
    query = "?width=320&height=320&method=scale"

    def __init__(self, api: MatrixApi) -> None:
        super().__init__(api, LARGEST, None)
        self.redrawn = Redrawn()

    async def of(self, user: str) -> bytes | None:
        """None where the user has none, or shows it to nobody."""
        try:
            path = f"/_matrix/client/v3/profile/{quote(user, safe='')}/avatar_url"
            url = mapping(await self._api.call("GET", path)).get("avatar_url")
        except Refused as refused:
            if refused.status not in (403, 404):
                raise
            return None
        if not isinstance(url, str) or not url:
            return None
        return await self.content(Wanted("picture", "image/*", url))

    def note(self, event: Json) -> None:
        if event.get("type") == "m.room.member" and isinstance(event.get("state_key"), str):
            member = mapping(event.get("content"))
            if member.get("membership") == "join":
                self.redrawn.note(event["state_key"], member.get("avatar_url"))
