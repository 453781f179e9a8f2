"""One citizen with a row in every table that knows citizens, whatever tables there will be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import JSON, Boolean, Float, LargeBinary, Numeric, Table, Text, select
from sqlalchemy.types import TypeDecorator

from bot.core.messages import Citizen
from bot.store import Store
from bot.store.schema import metadata
from bot.store.schema_base import Utc
from tests.contract.store_builders import NOW

MARK = "Trồng-Bí-Mật"
PEOPLE = [
    table
    for table in metadata.sorted_tables
    if "citizen_id" in table.c or table.name in {"citizens", "pictures"}
]
_SETTLED = {"state": "settled", "lease_until": None, "due_at": NOW}


def plant(store: Store, channel: str = "zalo") -> Citizen:
    """Fill every column of every such table with a word that can be searched for."""
    numbers: dict[str, int] = {}
    with store._db.write() as connection:
        for table in PEOPLE:
            values = {c.name: _value(table, c, numbers) for c in table.columns if c.name != "id"}
            values |= {"channel": channel} if "channel" in table.c else {}
            key = connection.execute(table.insert().values(**values)).inserted_primary_key
            numbers[table.name] = key[0]
    found = store.citizens.by_id(numbers["citizens"])
    assert found
    return found


def rows(store: Store) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every row of the database with its table's name."""
    with store._db.read() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                yield table.name, dict(row._mapping)


def left_of(store: Store, citizen: Citizen) -> set[str]:
    """Return the tables that still name the citizen, by number or by any planted word."""
    return {
        name
        for name, row in rows(store)
        if row.get("citizen_id") == citizen.id
        or (name == "citizens" and row["id"] == citizen.id)
        or MARK in str(row)
        or MARK.encode() in (row.get("bytes") or b"")
    }


def _value(table: Table, column: Any, numbers: dict[str, int]) -> Any:
    for key in column.foreign_keys:
        return numbers.get(key.column.table.name)
    if column.name in _SETTLED:
        return _SETTLED[column.name]
    if column.name in {"erased_at", "stopped_at"}:
        return None
    kind = column.type
    if isinstance(kind, Utc):
        return NOW
    if isinstance(kind, Text):
        return f"{MARK} {table.name}.{column.name}"
    if isinstance(kind, LargeBinary):
        return f"{MARK} {table.name}.{column.name}".encode()
    if isinstance(kind, JSON):
        return {"text": f"{MARK} {table.name}.{column.name}"}
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, (Float, Numeric)):
        return 0.5
    assert not isinstance(kind, TypeDecorator), f"{table.name}.{column.name}"
    return 1
