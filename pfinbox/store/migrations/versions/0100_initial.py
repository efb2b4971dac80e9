"""The first schema.

While it is the only revision it is made from the tables themselves; with the second one its
tables are written out here, since these then go on changing.
"""

from alembic import op

from pfinbox.store.schema import seed
from pfinbox.store.tables import metadata

revision = "0100"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    metadata.create_all(connection)
    seed(connection)
