"""Wiring: the only place that knows all parts; everything else gets what it needs."""
