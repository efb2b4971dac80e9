"""What goes out: what is due, what it says, what became of it, and what a person does to it."""
