"""The schema's life: making a missing store, refusing another version's, upgrading an older one."""

import secrets
import uuid

from sqlalchemy import Connection, insert, text

from pfinbox.errors import StoreError
from pfinbox.i18n import _
from pfinbox.store import tables as t
from pfinbox.store.sqlite import header
from pfinbox.store.sqlite.header import FIRST, HEAD
from pfinbox.store.uow import Store

# What stands where our tables would be made; what an extension brought is nobody's.
_TABLES = {
    "sqlite": "select name from sqlite_master where type = 'table'",
    "postgresql": """
        select relname from pg_class c
        where relnamespace = to_regnamespace(current_schema())
        and relkind in ('r', 'p', 'f', 'v', 'm')
        and not exists (select 1 from pg_depend d where d.classid = 'pg_class'::regclass
                        and d.objid = c.oid and d.deptype = 'e')
    """,
}

STATUSES = (("new", True), ("open", True), ("waiting", True), ("done", False), ("rejected", False))


async def create_missing(store: Store) -> bool:
    """Make the tables of an empty database and stamp them; True when it was made now.

    Without alembic: its import costs more than a command line verb may take.
    """
    # A write lock for looking would make every command wait for a busy daemon.
    if not await is_empty(store):
        return False
    async with store.write() as uow:
        made = await uow.connection.run_sync(_create)
        if made:
            await uow.commit()
    return made


async def is_empty(store: Store) -> bool:
    """Whether no inbox is there yet. NotOurs: what is there is another program's."""
    async with store.read() as uow:
        return not await uow.connection.run_sync(_is_ours)


def _is_ours(connection: Connection) -> bool:
    """Whether the tables are ours; False when there is none at all, NotOurs otherwise."""
    found = set(connection.scalars(text(_TABLES[connection.dialect.name])))
    if found and not found >= header.MARKS:
        raise header.NotOurs(
            _(
                "the database holds {table}, which is another program's, and was left as it is; "
                "give pfinbox a database of its own: [database] url"
            ).format(table=min(found - set(t.metadata.tables), default=min(found)))
        )
    return bool(found)


def _create(connection: Connection) -> bool:
    _one_at_a_time(connection)
    if _is_ours(connection):
        return False
    t.metadata.create_all(connection)
    # As alembic itself would make it.
    connection.execute(
        text(
            "create table alembic_version (version_num varchar(32) not null,"
            " constraint alembic_version_pkc primary key (version_num))"
        )
    )
    connection.execute(
        text("insert into alembic_version (version_num) values (:head)"), {"head": HEAD}
    )
    seed(connection)
    return True


def _one_at_a_time(connection: Connection) -> None:
    """Two processes may find the same empty or older database; one of them does the work."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(7307310)"))


def seed(connection: Connection) -> None:
    """The rows that every store has: statuses until a daemon copies its own, and its secrets."""
    connection.execute(
        insert(t.status),
        [
            {"name": name, "position": position, "active": active}
            for position, (name, active) in enumerate(STATUSES)
        ],
    )
    connection.execute(
        insert(t.setting),
        [
            {"name": "store_id", "value": str(uuid.uuid4())},
            # Signs reply addresses and Message-IDs; 32 bytes in hex.
            {"name": "mac_key", "value": secrets.token_hex(32)},
            # Hand-overs so far; a stamp outside the database knows it, too.
            {"name": "handed_over", "value": 0},
        ],
    )


async def is_older(store: Store) -> bool:
    """Whether the schema is an earlier one of ours."""
    found = await _revision(store)
    return found is not None and FIRST <= found < HEAD


async def _revision(store: Store) -> str | None:
    async with store.read() as uow:
        found = await uow.connection.scalar(text("select version_num from alembic_version"))
    return str(found) if found is not None else None


async def check(store: Store) -> None:
    """StoreError when the schema is older or newer than this program's."""
    found = await _revision(store)
    if found == HEAD:
        return
    if found is not None and found < FIRST:
        raise header.unreleased(found)
    if found is not None and found < HEAD:
        raise StoreError(
            _("the database has the older schema {found}; run: pfinbox db upgrade").format(
                found=found
            )
        )
    raise StoreError(
        _(
            "the database has schema {found}, which this pfinbox does not know; upgrade pfinbox"
        ).format(found=found)
    )


async def upgrade(store: Store) -> None:
    """Bring an older schema up to date, in one transaction; a newer one is refused by check()."""
    # Alembic takes a third of a second to import, and only this needs it.
    from pfinbox.store import migrations

    def migrate(connection: Connection) -> None:
        _one_at_a_time(connection)
        migrations.run(connection)

    async with store.write() as uow:
        await uow.connection.run_sync(migrate)
        await uow.commit()
