"""Reading mailboxes: which folders, which mails, what was read already."""
