"""Meta's Graph API on loopback: one number of WhatsApp, one page, one professional account."""

from tests.servers.meta.server import APP_SECRET, TOKEN, VERIFY, Graph, Json, meta_server

__all__ = ["APP_SECRET", "TOKEN", "VERIFY", "Graph", "Json", "meta_server"]
