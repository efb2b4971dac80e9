"""Joining tasks and cards, and taking them apart: a merge is a redirect, nothing is moved."""
