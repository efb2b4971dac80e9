"""Loading what a rule looks at, for a whole batch, in a handful of statements."""
