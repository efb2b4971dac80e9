"""A stateful homeserver on loopback, and people who talk by it or by a real one."""

from tests.servers.matrix.person import Person
from tests.servers.matrix.server import Homeserver, matrix_server

__all__ = ["Homeserver", "Person", "matrix_server"]
