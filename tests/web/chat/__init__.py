"""Tests of the website chat."""
