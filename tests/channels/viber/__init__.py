"""Tests of the Viber channel."""
