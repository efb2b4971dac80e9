"""What all tables share: the metadata and the column types of both databases."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    event,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from pfinbox.domain.packing import Packed, pack, unpack

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BigInt = BigInteger().with_variant(Integer(), "sqlite")


class Json(TypeDecorator[Any]):
    """JSON; PostgreSQL's compact form there. Its dialect is imported by those who use it only."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return dialect.type_descriptor(JSON(none_as_null=True))
        from sqlalchemy.dialects.postgresql import JSONB

        return dialect.type_descriptor(JSONB(none_as_null=True))


class Utc(TypeDecorator[datetime]):
    """An aware UTC time on both databases (SQLite keeps no zone, so it is cut and put back)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("times are aware and UTC")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Compressed(TypeDecorator[bytes]):
    """Bytes that are compressed in the table; ``Packed`` ones are so already."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return value if value is None or isinstance(value, Packed) else pack(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return unpack(value) if value is not None else None


def pk() -> Column[int]:
    return Column("id", BigInt, primary_key=True, autoincrement=True)


def ref(name: str, target: str, *, null: bool = False, index: bool = False) -> Column[Any]:
    """A foreign key to ``target``.id; rows are redirected or marked, so nothing cascades."""
    return Column(name, BigInt, ForeignKey(f"{target}.id"), nullable=null, index=index)


def flag(name: str, default: bool = False) -> Column[bool]:
    """A boolean that is never null."""
    return Column(
        name, Boolean, nullable=False, default=default, server_default=text(str(default).lower())
    )


def partial_index(
    name: str, *columns: Column[Any], where: ColumnElement[bool] | None, unique: bool = False
) -> None:
    """An index of the rows that meet a condition."""
    Index(name, *columns, unique=unique, sqlite_where=where, info={"where": where})


@event.listens_for(metadata, "before_create")
def _conditions(of: MetaData, connection: Connection, **_: Any) -> None:
    """Tell PostgreSQL the conditions: named at the index, its dialect would be imported always."""
    if connection.dialect.name != "postgresql":
        return
    for index in (one for table in of.tables.values() for one in table.indexes):
        if (where := index.info.get("where")) is not None:
            index.dialect_options["postgresql"]["where"] = where
