"""Tests of the website chat channel."""
