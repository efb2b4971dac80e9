"""The doctor calls nothing well that is not there, and tries one server whatever another does."""

from pathlib import Path

import pytest

from pfinbox.bootstrap.doctor import examine
from tests.servers.dovecot import free_port


async def test_a_file_that_is_missing_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("PFINBOX_CONFIG", raising=False)
    first, *_rest = [found async for found in examine(None)]
    assert str(tmp_path) in first.subject
    assert first.problem == "the file does not exist; pfinbox init makes one"


async def test_every_server_is_tried_whatever_another_does(tmp_path: Path) -> None:
    """A password that cannot be read is told where it is needed; what needs none is tried."""
    path = tmp_path / "config.toml"
    server = f'host = "127.0.0.1", port = {free_port()}, tls = "none"'
    secret = 'username = "u", password = { env = "PF_NO_SUCH" }'
    path.write_text(
        f"""
        [database]
        url = "sqlite:///{tmp_path}/inbox.sqlite"
        [accounts.first]
        channel = "email"
        address = "a@ours.example"
        imap = {{ {server}, {secret} }}
        smtp = {{ {server} }}
        [accounts.second]
        channel = "telegram"
        token = "7000000001:AAE-test"
        api_base = "http://127.0.0.1:9"
        """
    )
    path.chmod(0o600)
    found = [one async for one in examine(str(path)) if one.kind == "connection_failed"]
    assert [one.subject.split(" ")[0] for one in found] == ["first:", "first:", "second:"]
    assert all(one.seconds is not None for one in found[:2])
