"""Secrets where none may stand: in what a daemon wrote, logs and database (row 41)."""

from tests.faults.shop import SECRET
from tests.faults.world import World
from tests.servers.bot_api import TOKEN
from tests.servers.dovecot import PASSWORD

_SECRETS = tuple(one.encode() for one in (TOKEN, SECRET, PASSWORD))


def leaks(world: World) -> list[str]:
    """Names of the files in which a secret stands, and of the database; the configuration aside."""
    written = [
        path.name
        for path in world.folder.rglob("*")
        if path.is_file() and path not in world.configs
        if _has_one(path.read_bytes())
    ]
    if world.kind == "postgresql":
        assert world.servers.postgres is not None
        if _has_one(world.servers.postgres.dump(world.folder.name)):
            written.append(world.folder.name)
    return written


def _has_one(content: bytes) -> bool:
    return any(secret in content for secret in _SECRETS)
