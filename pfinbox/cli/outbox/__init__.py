"""``pfinbox outbox``: deliveries."""
