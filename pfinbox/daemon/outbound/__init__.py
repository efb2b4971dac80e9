"""One daemon's outbox: claim, hand over by a few connections, write down what became of it."""
