"""Telling agents by e-mail."""
