"""From an update of the Bot API to an event of the inbox."""
