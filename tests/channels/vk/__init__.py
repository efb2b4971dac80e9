"""Tests of the VKontakte channel."""
