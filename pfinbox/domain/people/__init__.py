"""Rules about agents, contacts' cards, and what a contact with access sees."""
