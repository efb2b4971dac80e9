"""What goes out: the outbox, from the plan to the other side's answer."""
