"""Tests of Meta's channels."""
