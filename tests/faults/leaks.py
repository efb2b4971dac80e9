"""Secrets where none may stand: in what a daemon wrote, logs and database (row 41)."""

from tests.faults.shop import SECRET
from tests.faults.world import World
from tests.servers.bot_api import TOKEN

_SECRETS = (TOKEN.encode(), SECRET.encode())


def leaks(world: World) -> list[str]:
    """Names of files in which a secret stands, the configuration aside."""
    return [
        path.name
        for path in world.folder.rglob("*")
        if path.is_file() and path.suffix != ".toml"
        if any(secret in path.read_bytes() for secret in _SECRETS)
    ]
