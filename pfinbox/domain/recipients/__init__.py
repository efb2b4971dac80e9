"""Whom a comment goes to."""
