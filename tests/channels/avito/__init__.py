"""Tests of the Avito channel."""
