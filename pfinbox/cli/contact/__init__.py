"""``pfinbox contact``: clients' cards."""
