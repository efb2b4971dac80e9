"""A stateful VK on loopback, held against VK's own description."""

from tests.servers.vk.server import GROUP, MARIA, TOKEN, Json, Vk, vk_server

__all__ = ["GROUP", "MARIA", "TOKEN", "Json", "Vk", "vk_server"]
