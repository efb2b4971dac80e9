"""What goes out, in words: plans, deliveries, the outbox, changes of what was sent."""
