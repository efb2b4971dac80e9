"""Meta's channels: WhatsApp (the Cloud API), Messenger and Instagram."""

from pfinbox.channels.meta.spec import INSTAGRAM, MESSENGER, WHATSAPP

__all__ = ["INSTAGRAM", "MESSENGER", "WHATSAPP"]
