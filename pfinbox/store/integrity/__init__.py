"""Whether the store is sound: its pages, and what its rows say of one another."""
