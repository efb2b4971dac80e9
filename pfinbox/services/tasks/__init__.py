"""Tasks and what belongs to them: status, chats, who waits, what is unread."""
