"""Tests of what services push."""
