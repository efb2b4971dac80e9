"""What a message that comes in does: which chat, which task, whether it is a repeat."""
