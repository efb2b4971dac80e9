"""Messenger and Instagram: one page, or the professional account that belongs to it."""
