"""What goes out: messages and their states, changes of what clients have, notices to agents."""
