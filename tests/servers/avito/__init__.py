"""A stateful Avito on loopback, held against Avito's own description."""

from tests.servers.avito.server import BUYER, CHAT, ITEM, SELLER, Avito, Json, avito_server

__all__ = ["BUYER", "CHAT", "ITEM", "SELLER", "Avito", "Json", "avito_server"]
