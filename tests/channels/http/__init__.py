"""Tests of what channels over HTTP share."""
