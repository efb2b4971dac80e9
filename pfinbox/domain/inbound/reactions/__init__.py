"""What follows from what comes in: for whom it is news, who stands in, the acknowledgement."""
