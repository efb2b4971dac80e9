"""Writing what was decided, many rows a statement."""
