"""Tests of the generic webhook channel."""
