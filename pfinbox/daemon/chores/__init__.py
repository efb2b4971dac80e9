"""What a daemon does for its accounts besides receiving and sending: each chore runs by itself."""
