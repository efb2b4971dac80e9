"""The unit for systemd fits the configuration, and systemd's own tools find nothing wrong in it."""

import configparser
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from pfinbox import config as configuration
from pfinbox.bootstrap.unit import unit


def test_the_unit_is_shut_in_and_names_what_the_daemon_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "100% ours" / "config.toml"
    path.parent.mkdir()
    path.write_text('[database]\nurl = "sqlite:///data/inbox.sqlite"\n')
    monkeypatch.setattr("sys.argv", ["/nowhere/pfinbox"])
    text = unit(configuration.load(path), "support")
    parsed = configparser.RawConfigParser(strict=False)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read_string(text)
    service = parsed["Service"]
    assert (service["Type"], service["User"]) == ("notify", "support")
    assert service["TimeoutStartSec"] == "infinity"
    words = shlex.split(service["ExecStart"].replace("%%", "%"))
    assert words[1:] == ["-m", "pfinbox", "--config", str(path), "daemon"]
    writable = [Path(one.replace("%%", "%")) for one in shlex.split(service["ReadWritePaths"])]
    assert writable == [tmp_path / "state" / "pfinbox", path.parent / "data"]
    assert all(one.is_dir() and one.stat().st_mode & 0o077 == 0 for one in writable)
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""


def test_systemd_understands_it_and_finds_it_shut_in(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        # No server that a test talks to: nothing else of pfinbox goes untested where it is missing.
        pytest.skip("systemd-analyze is not installed (apt-get install systemd)")
    path, file = tmp_path / "config.toml", tmp_path / "pfinbox.service"
    path.write_text('[database]\nurl = "sqlite:///data/inbox.sqlite"\n')
    file.write_text(unit(configuration.load(path), "root"))
    # Of an exposure of 10 at most, as README says.
    for command in (("verify",), ("security", "--offline=true", "--threshold=20")):
        run = ("systemd-analyze", "--no-pager", *command, str(file))
        done = subprocess.run(run, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), done
