"""The VKontakte channel: the messages of a community, by Bots Long Poll."""

from pfinbox.channels.vk.spec import SPEC

__all__ = ["SPEC"]
