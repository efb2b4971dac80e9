"""Agents, contacts and their addresses."""
