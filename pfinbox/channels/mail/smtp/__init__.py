"""Handing mails over: the message, the connection, what servers refuse."""
