"""Posting a message so that it bubbles all the way up.

Textual stops a message at the parent when the parent's handler was running while it was made (it
takes the parent for its sender). A list that moves its cursor for its pane would never be heard
further up, so our messages name the widget that speaks as their sender.
"""

from textual.message import Message
from textual.message_pump import MessagePump


def post_message(node: MessagePump, message: Message) -> None:
    """Post ``message`` from ``node``, to be heard by it and by all around it."""
    node.post_message(message.set_sender(node))
