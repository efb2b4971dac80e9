"""Joining tasks and cards, and taking them apart again."""
