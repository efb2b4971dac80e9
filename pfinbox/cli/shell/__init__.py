"""What every command stands on: arguments, session, output."""
