"""Rows as text or JSON."""
