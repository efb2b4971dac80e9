"""How many ids one statement takes: far below the limits of SQLite and asyncpg."""

BATCH = 500
