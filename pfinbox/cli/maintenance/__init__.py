"""Looking after an installation: backup, database, doctor."""
