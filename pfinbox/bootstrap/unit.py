"""``pfinbox daemon --print-systemd``: a unit for this configuration, shut in as far as it can be.

The names of the settings are those of systemd.exec(5) and systemd.service(5).
"""

import shutil
import sys
from pathlib import Path

from pfinbox.config import Config
from pfinbox.daemon.locks import lock_path
from pfinbox.store.engine import sqlite_path

_HOMES = tuple(map(Path, ("/home", "/root", "/run/user")))

_UNIT = """\
# A unit for systemd:  pfinbox daemon --print-systemd | sudo tee /etc/systemd/system/pfinbox.service
# and then:  sudo systemctl daemon-reload; sudo systemctl enable --now pfinbox
[Unit]
Description=pfinbox receives and sends for the support inbox
Wants=network-online.target
After=network-online.target postgresql.service

[Service]
Type=notify
User={user}
ExecStart={command}
# Before it is ready the daemon may bring the database to its schema, or check all of its pages.
TimeoutStartSec=infinity
WatchdogSec=90
Restart=on-failure
RestartSec=5
# What a person has to mend: the command, the configuration.
RestartPreventExitStatus=2 3
# The daemon brings to its end what is under way, and needs at most 15 s.
TimeoutStopSec=20
KillMode=mixed

UMask=0077
LimitCORE=0
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome={home}
ReadWritePaths={writable}
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=yes
DevicePolicy=closed
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProcSubset=pid
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
KeyringMode=private
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
"""


def unit(config: Config, user: str) -> str:
    """The unit for ``user``; the folders that the daemon writes to are made where missing."""
    writable = [lock_path("").parent]
    if (database := sqlite_path(config.database_url)) is not None:
        writable.append(database.parent)
    for folder in writable:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    command = [*_program(), "--config", str(config.source.resolve()), "daemon"]
    needed = [*writable, config.source, *(Path(one) for one in command if one.startswith("/"))]
    at_home = any(path.resolve().is_relative_to(home) for path in needed for home in _HOMES)
    return _UNIT.format(
        user=user,
        command=" ".join(map(_quoted, command)),
        # What is in a home stays there, to be read; the folders above can be written to.
        home="read-only" if at_home else "yes",
        writable=" ".join(_quoted(str(one.resolve())) for one in dict.fromkeys(writable)),
    )


def _program() -> list[str]:
    """How this program was called, by whole paths."""
    found = shutil.which(sys.argv[0])
    if found is not None and Path(found).name == "pfinbox":
        return [str(Path(found).absolute())]
    return [sys.executable, "-m", "pfinbox"]


def _quoted(word: str) -> str:
    """As a unit file has a word: percent signs mean something there, and so do blanks."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if any(one in word for one in " \t'\"\\;") else escaped
