"""Where a comment goes, and the life of its deliveries."""
