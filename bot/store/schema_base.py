"""What every table is made of: names, moments in UTC, ids, indexes with a condition."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Index, Integer, MetaData
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


class Utc(TypeDecorator):  # type: ignore[misc]  # SQLAlchemy 1.4 has no types
    """A moment in UTC; aware on the Python side, whatever the engine keeps."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Refuse naive times: they would silently mean another moment on another machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("the store keeps aware times only")
        moment = value.astimezone(timezone.utc)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Return an aware time in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            return value.replace(tzinfo=timezone.utc)
        return value.astimezone(timezone.utc)


# SQLite only numbers rows by itself in a column declared INTEGER, and only with AUTOINCREMENT
# never gives the number of a deleted row again: a late worker must not settle a stranger's row.
NEVER_REUSED = {"sqlite_autoincrement": True}
BigId = BigInteger().with_variant(Integer(), "sqlite")
Json = JSON(none_as_null=True)


def partial_index(name: str, *columns: Any, where: Any, unique: bool = False) -> Index:
    """Return an index of the rows that meet ``where``."""
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)
