"""The generic channel: any program that can send and take an HTTP request.

Chatra, SMS gateways, shops and scripts speak to it; adapters written for Planfix's ``newMessage``
only need another address.
"""

from pfinbox.channels.webhook.spec import SPEC

__all__ = ["SPEC"]
