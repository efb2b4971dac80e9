"""A real homeserver: Synapse, in an environment and a folder of its own, for the mark ``synapse``.

``python -m tests.servers.synapse`` installs it into this user's cache; the program itself never
sees it. It has no federation. Fixture: ``synapse``.
"""

import base64
import contextlib
import hmac
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from platformdirs import user_cache_path

from tests.servers.dovecot import free_port
from tests.servers.matrix import Person
from tests.servers.required import missing

VERSION = "1.163.2"
PASSWORD = "a real password"
_HOME = user_cache_path("pfinbox-tests", appauthor=False) / f"synapse-{VERSION}"
_PYTHON = _HOME / "bin" / "python"
_SECRET = "shared secret of the tests"
_STARTING = 60.0
_NO_LIMIT = {"per_second": 10_000, "burst_count": 10_000}


@dataclass(frozen=True)
class Synapse:
    base: str

    def person(self, name: str) -> Person:
        """A new user, not signed in."""
        url = f"{self.base}/_synapse/admin/v1/register"
        nonce = _asked(url)["nonce"]
        parts = (nonce, name, PASSWORD, "notadmin")
        mac = hmac.new(_SECRET.encode(), b"\0".join(one.encode() for one in parts), "sha1")
        body: dict[str, Any] = {"nonce": nonce, "username": name, "password": PASSWORD}
        body |= {"admin": False, "inhibit_login": True, "mac": mac.hexdigest()}
        told = _asked(url, body)
        return Person(self.base, told["user_id"], PASSWORD)


def _asked(url: str, body: dict[str, Any] | None = None) -> Any:
    data = json.dumps(body).encode() if body is not None else None
    with urllib.request.urlopen(url, data, timeout=30) as answer:
        return json.loads(answer.read())


@contextlib.contextmanager
def run_synapse() -> Iterator[Synapse]:
    folder = Path(tempfile.mkdtemp(prefix="pfsynapse"))
    port = free_port()
    config = folder / "homeserver.yaml"
    # JSON is YAML, too.
    config.write_text(json.dumps(_config(folder, port)))
    # A key of its own: to have Synapse make one takes a second of processor time.
    key = base64.b64encode(os.urandom(32)).decode().rstrip("=")
    (folder / "signing.key").write_text(f"ed25519 a_test {key}\n")
    command = [str(_PYTHON), "-m", "synapse.app.homeserver", "-c", str(config)]
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
    try:
        base = f"http://127.0.0.1:{port}"
        assert _is_up(process, base), (folder / "out").read_text()[-2000:]
        yield Synapse(base)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _config(folder: Path, port: int) -> dict[str, Any]:
    listener = {
        "port": port,
        "type": "http",
        "bind_addresses": ["127.0.0.1"],
        "resources": [{"names": ["client"], "compress": False}],
    }
    limits = ("rc_message", "rc_registration", "rc_room_creation", "rc_admin_redaction")
    logins = ("address", "account", "failed_attempts")
    return {
        "server_name": "localhost",
        "pid_file": str(folder / "pid"),
        "listeners": [listener],
        "database": {"name": "sqlite3", "args": {"database": str(folder / "db")}},
        "media_store_path": str(folder / "media"),
        "signing_key_path": str(folder / "signing.key"),
        "registration_shared_secret": _SECRET,
        "macaroon_secret_key": _SECRET,
        "form_secret": _SECRET,
        "report_stats": False,
        "trusted_key_servers": [],
        "bcrypt_rounds": 4,
        "max_upload_size": "2M",
        "presence": {"enabled": False},
        **dict.fromkeys(limits, _NO_LIMIT),
        "rc_login": dict.fromkeys(logins, _NO_LIMIT),
        "rc_joins": dict.fromkeys(("local", "remote"), _NO_LIMIT),
        "rc_joins_per_room": _NO_LIMIT,
        "rc_invites": dict.fromkeys(("per_room", "per_user", "per_issuer"), _NO_LIMIT),
    }


def _is_up(process: "subprocess.Popen[bytes]", base: str) -> bool:
    until = time.monotonic() + _STARTING
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(f"{base}/health", timeout=1).close()
        except OSError:
            time.sleep(0.05)  # until the port is open; there is nothing to wait on
        else:
            return True
    return False


@pytest.fixture(scope="session")
def synapse() -> Iterator[Synapse]:
    if not _PYTHON.exists():
        missing("Synapse is not installed (python -m tests.servers.synapse)")
    with run_synapse() as server:
        yield server


def install() -> None:
    """Into this user's cache, once for each version."""
    if (_HOME / "installed").exists():
        return
    shutil.rmtree(_HOME, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(_HOME)], check=True)
    wanted = f"matrix-synapse=={VERSION}"
    subprocess.run([str(_PYTHON), "-m", "pip", "install", "-q", wanted], check=True)
    (_HOME / "installed").touch()


if __name__ == "__main__":
    install()
