"""What comes in: batches, what the other side changes, quarantine, kept requests."""
