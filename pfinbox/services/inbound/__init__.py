"""What comes in from outside, and what it does to the inbox."""
