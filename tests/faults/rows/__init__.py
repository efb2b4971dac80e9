"""The faults, a file for each family; importing a family puts its rows into the table."""
