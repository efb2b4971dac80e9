"""What goes for good, and what may be taken out."""
