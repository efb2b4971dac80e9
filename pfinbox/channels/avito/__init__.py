"""The Avito channel: a seller's messages, each conversation about one advertisement."""

from pfinbox.channels.avito.spec import SPEC

__all__ = ["SPEC"]
