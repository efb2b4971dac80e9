"""The database file and the disk under it."""
