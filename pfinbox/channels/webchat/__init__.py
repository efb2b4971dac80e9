"""The website chat: visitors write in a window of our own, which any site can show."""

from pfinbox.channels.webchat.spec import SPEC

__all__ = ["SPEC"]
