"""Reading mailboxes: the protocol, the folders, what was read already."""
