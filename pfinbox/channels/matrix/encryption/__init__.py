"""Encrypted rooms: what is asked of encryption, and matrix-nio, where the extra is installed."""
