"""From an event of a room to one of ours."""
