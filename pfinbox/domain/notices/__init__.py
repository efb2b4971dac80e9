"""Notices by e-mail: whom they reach, what they say, and what an answer to one proves."""
