"""Where a server is and how to sign in there, for IMAP and SMTP alike."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pfinbox.domain.reason import Reason
from pfinbox.domain.settings import Secret


@dataclass(frozen=True, slots=True)
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

    def context(self) -> ssl.SSLContext:
        """Certificate and name are always verified; SSL_CERT_FILE adds an authority."""
        return ssl.create_default_context()

    def unreachable(self, error: BaseException) -> Reason:
        """Why no connection came about: TLS apart from the network."""
        detail = str(error) or type(error).__name__
        if isinstance(error, ssl.SSLCertVerificationError):
            detail = error.verify_message
        if isinstance(error, ssl.SSLError | ssl.CertificateError):
            return Reason("tls_failed", {"host": self.place, "detail": detail[:200]})
        if isinstance(error, TimeoutError):
            detail = "no answer"
        return Reason("connection_failed", {"host": self.place, "detail": detail[:200]})


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
