"""One session with an IMAP server: connecting, commands, answers."""
