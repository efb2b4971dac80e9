"""Reading mails in a process that may be killed."""
