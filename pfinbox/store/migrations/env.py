"""Alembic loads this file for every run; the connection is the caller's, as its transaction is."""

from alembic import context

from pfinbox.store.tables import metadata
from pfinbox.store.tables.search import in_metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_name=in_metadata,
    # SQLite cannot change a column: the table is made anew and the rows are copied.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
