"""What agents write: comments, notes, forwards, corrections."""
