"""Where a comment goes: the delivery plan, the ways to a contact, and what stands against them."""
