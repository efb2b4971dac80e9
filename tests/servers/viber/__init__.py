"""A stateful Viber on loopback."""

from tests.servers.viber.server import MARIA, TOKEN, Json, Viber, viber_server

__all__ = ["MARIA", "TOKEN", "Json", "Viber", "viber_server"]
