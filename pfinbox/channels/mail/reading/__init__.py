"""From the bytes of a mail to an event of the inbox."""
