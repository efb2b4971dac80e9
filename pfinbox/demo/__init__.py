"""The simulator: a channel whose clients live on this machine; no network, no database."""

from pfinbox.demo.spec import SPEC

__all__ = ["SPEC"]
