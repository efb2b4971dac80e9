"""Calls of the Client-Server API, and what a homeserver's refusals mean.

https://spec.matrix.org/v1.16/client-server-api/#standard-error-response
"""

import asyncio
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from pfinbox.channels.http.api import Api, Refused
from pfinbox.channels.http.connection import Answer, Broken, NotConnected
from pfinbox.channels.http.pace import Pace
from pfinbox.channels.matrix.device import Device, Keeper
from pfinbox.domain.contract.channel import (
    AccountFailure,
    ChannelError,
    PermanentFailure,
    TemporaryFailure,
)
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.contract.settings import Secret

_CLIENT = "/_matrix/client/v3"
_RATE = 30
_TOKEN_GONE = ("M_UNKNOWN_TOKEN", "M_MISSING_TOKEN")
_ACCOUNT = {
    *_TOKEN_GONE,
    "M_USER_DEACTIVATED",
    "M_USER_LOCKED",
    "M_USER_SUSPENDED",
    "M_CONSENT_NOT_GIVEN",
    "M_RESOURCE_LIMIT_EXCEEDED",
}


class MatrixApi(Api):
    """One user's device at a homeserver. ``keeper`` keeps the device over a restart."""

    name = "Matrix"

    def __init__(
        self, settings: Mapping[str, Any], keeper: Keeper, pace: Pace | None = None
    ) -> None:
        super().__init__(settings["homeserver"], rate=_RATE, ca_file=settings["ca_file"], pace=pace)
        self.user = str(settings["user"])
        self._token: Secret | None = settings["access_token"]
        self._refresh: Secret | None = settings["refresh_token"]
        self._password: Secret | None = settings["password"]
        self._keeper = keeper
        self._device: Device | None = None
        self._signing_in = asyncio.Lock()

    async def device(self) -> Device:
        """The device that we are: the token's, the one that is kept, or a new one."""
        if self._device is None:
            async with self._signing_in:
                self._device = self._device or await self._own_device()
                self.hide(self._device.token)
        return self._device

    async def _own_device(self) -> Device:
        if self._token is not None:
            return await self._of_token(self._token)
        if self._password is None:
            raise AccountFailure(Reason("auth_failed", {"detail": "no password"}))
        return self._keeper.load(self.user) or await self._sign_in(self._password, "")

    async def _of_token(self, token: Secret) -> Device:
        """The device of the configured token, or of what that was renewed to."""
        refresh = await self.reveal(self._refresh) if self._refresh is not None else ""
        begun = hashlib.sha256(refresh.encode()).hexdigest() if refresh else ""
        given = Device(self.user, "", await self.reveal(token), refresh, begun)
        device = self._keeper.renewed(begun) or given
        try:
            return await self._named(device)
        except Refused as refused:
            if refused.code not in _TOKEN_GONE or not device.refresh:
                raise
        return await self._named(await self._renewed(device))

    async def _named(self, device: Device) -> Device:
        head = {"Authorization": f"Bearer {device.token}"}
        told = await self.answered("GET", f"{self.base}{_CLIENT}/account/whoami", headers=head)
        return replace(device, user=str(told["user_id"]), id=str(told.get("device_id", "")))

    async def _renewed(self, device: Device) -> Device:
        """The device with a new token, which is kept before it is used: until then the old ones
        are good, so that a crash loses nothing.
        """
        kept = self._keeper.renewed(device.begun)
        if kept is not None and kept.token != device.token:
            return replace(kept, user=device.user, id=device.id)
        if not self._keeper.keeps:
            raise AccountFailure(Reason("token_ran_out"))
        body = {"refresh_token": device.refresh}
        try:
            told = await self.answered("POST", f"{self.base}{_CLIENT}/refresh", json=body)
        except Refused as refused:
            if refused.status in (401, 403):
                raise AccountFailure(Reason("auth_failed", self.said(refused))) from refused
            raise
        refresh = str(told.get("refresh_token") or device.refresh)
        new = replace(device, token=str(told["access_token"]), refresh=refresh)
        self.hide(new.token)
        self.hide(new.refresh)
        self._keeper.keep(new)
        return new

    async def head(self) -> Mapping[str, str]:
        device = self._device or await self.device()
        return {"Authorization": f"Bearer {device.token}"}

    async def call(self, method: str, path: str, *, seconds: float = 60.0, **given: Any) -> Any:
        """See ``Api.call``; a path is one of the client API, or one that begins with /_matrix."""
        path = path if path.startswith("/_matrix") else _CLIENT + path
        device = await self.device()
        try:
            return await super().call(method, path, seconds=seconds, **given)
        except Refused as refused:
            if refused.code not in _TOKEN_GONE or not await self.signed_in_again(device):
                raise
        return await super().call(method, path, seconds=seconds, **given)

    async def signed_in_again(self, device: Device) -> bool:
        """Whether a device whose token is no longer good has another one now.

        It ran out, or the device was signed out somewhere else: it stays the same device, and is
        renewed or signs in once for all who wait.
        """
        async with self._signing_in:
            if self._device is not device:
                return True
            if device.refresh:
                self._device = await self._renewed(device)
            elif self._password is not None:
                self._device = await self._sign_in(self._password, device.id)
            else:
                return False
        return True

    async def _sign_in(self, password: Secret, device_id: str) -> Device:
        body = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": self.user},
            "password": await self.reveal(password),
            "initial_device_display_name": "pfinbox",
        }
        if device_id:
            body["device_id"] = device_id
        try:
            told = await self.answered("POST", f"{self.base}{_CLIENT}/login", json=body)
        except Refused as refused:
            if refused.status == 403:
                raise AccountFailure(Reason("auth_failed", self.said(refused))) from refused
            raise
        device = Device(str(told["user_id"]), str(told["device_id"]), str(told["access_token"]))
        self.hide(device.token)
        self._keeper.keep(device)
        return device

    async def confirmed(self, path: str, body: dict[str, Any]) -> None:
        """A call for which the homeserver may want the password once more."""
        url, head = self.base + _CLIENT + path, await self.head()
        answer = await self.ask("POST", url, headers=head, json=body)
        if answer.status == 401 and self._password is not None:
            auth = {
                "type": "m.login.password",
                "identifier": {"type": "m.id.user", "user": self.user},
                "password": await self.reveal(self._password),
                "session": answer.json().get("session"),
            }
            answer = await self.ask("POST", url, headers=head, json={**body, "auth": auth})
        if not answer.good:
            raise self.refused(answer)

    async def sign_out(self) -> None:
        """Where no device is kept, it was for this time only."""
        if self._device is not None and self._password is not None and not self._keeper.keeps:
            with suppress(Refused, Broken, NotConnected, ChannelError):
                await self.call("POST", "/logout", json={}, seconds=10)
            self._device = None

    def refused(self, answer: Answer) -> Refused:
        try:
            given = answer.json()
        except Broken:
            given = None
        error = given if isinstance(given, dict) else {}
        wait = error.get("retry_after_ms")
        after = wait / 1000 if isinstance(wait, int | float) else answer.retry_after
        code, words = str(error.get("errcode", ""))[:100], self.clean(error.get("error"))
        return Refused(answer.status, code, words, after)

    def is_final(self, refused: Refused) -> bool:
        """Whether it concerns this one call, and is no better another time."""
        return isinstance(self.refusal(refused), PermanentFailure)

    def refusal(self, refused: Refused) -> ChannelError:
        said = self.said(refused)
        if refused.code == "M_LIMIT_EXCEEDED":
            return TemporaryFailure(Reason("rejected", said), refused.retry_after or 5.0)
        if refused.code in _ACCOUNT:
            return AccountFailure(Reason("auth_failed", said))
        if refused.code == "M_TOO_LARGE":
            return PermanentFailure(Reason("text_too_long"))
        if refused.code == "M_FORBIDDEN":
            return PermanentFailure(Reason("access_withdrawn"), chat_writable=False)
        if refused.code == "M_NOT_FOUND":
            return PermanentFailure(Reason("chat_gone"), chat_writable=False)
        return super().refusal(refused)


def room_path(room: str, *rest: str) -> str:
    """``/rooms/ROOM/...`` with every part escaped."""
    return "/rooms/" + "/".join(quote(one, safe="") for one in (room, *rest))
