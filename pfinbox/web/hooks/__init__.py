"""Webhooks: what services push to ``/hooks/ACCOUNT[/REST]``."""

from pfinbox.web.hooks.keeper import keeping
from pfinbox.web.hooks.reachable import reachable
from pfinbox.web.hooks.taking import add_routes

__all__ = ["add_routes", "keeping", "reachable"]
