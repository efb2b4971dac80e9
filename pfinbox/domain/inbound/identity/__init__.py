"""What a message is known by: whether it is here already, or was purged."""
