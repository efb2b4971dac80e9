"""What follows from an event: the list of reactions, and what they stand on."""
