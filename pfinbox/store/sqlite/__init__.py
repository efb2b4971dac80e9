"""What SQLite alone needs: its file, the disk under it, its thread, and news between processes."""
