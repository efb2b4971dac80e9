"""What tells others how this daemon does: its figures, and its service manager."""
