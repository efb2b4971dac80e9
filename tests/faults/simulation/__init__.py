"""Deterministic simulation of whole daemons: every fault that a seed can draw, in virtual time."""
