"""What the program tells of itself: what happened, and figures."""
