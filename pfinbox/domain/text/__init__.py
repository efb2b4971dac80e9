"""Texts: made harmless, cut, found, understood."""
