"""What receiving looks at, for a whole batch of one account."""
