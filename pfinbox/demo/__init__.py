"""The simulator: a channel whose clients live on this machine; no network, no database."""

from pfinbox.demo.spec import MAIL_SPEC, MESSENGER_SPEC

__all__ = ["MAIL_SPEC", "MESSENGER_SPEC"]
