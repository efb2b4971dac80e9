"""Tests of the MAX channel."""
