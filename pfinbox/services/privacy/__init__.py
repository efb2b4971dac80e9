"""Purging, erasing and exporting."""
