"""A throw-away certificate authority for tests of TLS, made by the openssl program.

Fixture: ``authority`` (one a session). ``authority.trusted()`` gives what SSL_CERT_FILE takes.
"""

import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers.required import missing


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate and its key, both as PEM files."""

    certificate: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        """What a server shows itself with."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.key)
        return context


@dataclass(frozen=True, slots=True)
class Authority:
    """Signs whatever a test needs."""

    folder: Path

    @property
    def trusted(self) -> Path:
        return self.folder / "ca.pem"

    def sign(self, name: str, *, host: str = "localhost", days: int = 2) -> Certificate:
        """A certificate for ``host``; ``days`` below zero: it has expired."""
        key, request = self.folder / f"{name}.key", self.folder / f"{name}.csr"
        certificate, extension = self.folder / f"{name}.pem", self.folder / f"{name}.ext"
        _openssl("req", "-new", *_NEW_KEY, "-keyout", key, "-out", request, "-subj", f"/CN={host}")
        extension.write_text(f"subjectAltName=DNS:{host}\n")
        by: list[str | Path] = [
            "-CA",
            self.trusted,
            "-CAkey",
            self.folder / "ca.key",
            "-CAcreateserial",
        ]
        what: list[str | Path] = ["-in", request, "-out", certificate, "-extfile", extension]
        _openssl("x509", "-req", *what, *by, "-days", str(days))
        return Certificate(certificate, key)

    def self_signed(self) -> Certificate:
        key, certificate = self.folder / "self.key", self.folder / "self.pem"
        _openssl(
            *_self_signed(key, certificate, "localhost"), "-addext", "subjectAltName=DNS:localhost"
        )
        return Certificate(certificate, key)


_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def _self_signed(key: Path, certificate: Path, name: str) -> list[str | Path]:
    subject = ["-subj", f"/CN={name}", "-days", "2"]
    return ["req", "-x509", *_NEW_KEY, "-keyout", key, "-out", certificate, *subject]


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


@pytest.fixture(scope="session")
def authority() -> Iterator[Authority]:
    if shutil.which("openssl") is None:
        missing("openssl is not installed (apt-get install openssl)")
    with an_authority() as made:
        yield made


@contextmanager
def an_authority() -> Iterator[Authority]:
    folder = Path(tempfile.mkdtemp(prefix="pfca", dir="/tmp"))
    folder.chmod(0o755)  # Dovecot reads it as another user
    try:
        _openssl(*_self_signed(folder / "ca.key", folder / "ca.pem", "pfinbox test authority"))
        yield Authority(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
