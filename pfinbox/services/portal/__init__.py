"""What a client does on their own page, with a ContactActor (R36, R46)."""
