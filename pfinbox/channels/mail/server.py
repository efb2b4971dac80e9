"""Where a server is and how to sign in there, for IMAP and SMTP alike."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from pfinbox.domain.contract.channel import AccountFailure
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.contract.settings import Secret
from pfinbox.record import record

_IN_THE_CLEAR = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL")


@record
class Server:
    host: str
    port: int
    tls: str
    username: str | None
    password: Secret | None
    auth: str

    @property
    def place(self) -> str:
        return f"{self.host}:{self.port}"

    async def signing_in(self, sign_in: Callable[[str], Awaitable[None]]) -> None:
        """Sign in with what the secret gives; an access token that has expired is asked anew once.

        ``{ command = … }`` prints the token at hand, and a new one only when it is asked again
        (mailctl, oama, pizauth: they renew at the moment of expiry, which is not the server's).
        """
        password = await self._reveal()
        try:
            await sign_in(password)
        except AccountFailure:
            again = await self._reveal() if self.auth == "xoauth2" else password
            if again == password:
                raise
            await sign_in(again)

    async def _reveal(self) -> str:
        return await asyncio.to_thread(self.password.reveal) if self.password else ""

    def context(self) -> ssl.SSLContext:
        """Certificate and name are always verified; SSL_CERT_FILE adds an authority."""
        return ssl.create_default_context()

    def unreachable(self, error: BaseException) -> Reason:
        """Why no connection came about: TLS apart from the network."""
        if isinstance(error, ssl.SSLError | ssl.CertificateError):
            return tls_reason(self.place, error)
        # Without the number: it differs between systems and tells nobody anything.
        detail = getattr(error, "strerror", None) or str(error) or type(error).__name__
        if isinstance(error, TimeoutError):
            detail = "no answer"
        return Reason("connection_failed", {"host": self.place, "detail": detail[:200]})


def tls_reason(place: str, error: BaseException) -> Reason:
    """What is wrong with TLS at ``place``; of a certificate, in OpenSSL's words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Reason("tls_failed", {"host": place, "detail": error.verify_message[:200]})
    # What is no TLS record at all: a greeting in the clear.
    if isinstance(error, ssl.SSLError) and error.reason in _IN_THE_CLEAR:
        return Reason("tls_not_spoken", {"host": place})
    return Reason("tls_failed", {"host": place, "detail": str(error)[:200]})


def server_of(settings: Mapping[str, Any], ports: Mapping[str, int]) -> Server:
    """The checked table ``imap`` or ``smtp``; the usual port where none is named."""
    return Server(
        host=settings["host"],
        port=settings["port"] or ports[settings["tls"]],
        tls=settings["tls"],
        username=settings["username"],
        password=settings["password"],
        auth=settings["auth"],
    )
