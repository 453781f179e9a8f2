"""One citizen with a row in every table that knows citizens, whatever tables there will be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import JSON, Boolean, LargeBinary, Table, Text, select

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
_FIXED = {"state": "settled", "lease_until": None, "erased_at": None, "stopped_at": None}


def plant(store: Store, channel: str = "zalo") -> Citizen:
    """Fill every column of every such table with a word that can be searched for."""
    keys: dict[str, Any] = {}
    with store._db.write() as connection:
        for table in PEOPLE:
            for parent in (key.column.table for key in table.foreign_keys):
                if parent not in PEOPLE and not _nullable(table, parent):
                    keys[parent.name] = _add(connection, parent, channel, keys, "nobody")
            keys[table.name] = _add(connection, table, channel, keys, MARK)
    found = store.citizens.by_id(keys["citizens"])
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


def _nullable(table: Table, parent: Table) -> bool:
    (column,) = [key.parent for key in table.foreign_keys if key.column.table is parent]
    return bool(column.nullable)


def _add(connection: Any, table: Table, channel: str, keys: dict[str, Any], word: str) -> Any:
    values = {c.name: _value(c, keys, word) for c in table.columns if c.name != "id"}
    values |= {"channel": channel} if "channel" in table.c else {}
    return connection.execute(table.insert().values(**values)).inserted_primary_key[0]


def _value(column: Any, keys: dict[str, Any], word: str) -> Any:
    for key in column.foreign_keys:
        return keys.get(key.column.table.name)
    if column.name in _FIXED:
        return _FIXED[column.name]
    kind, text = column.type, f"{word} {column.table.name}.{column.name}"
    if isinstance(kind, Utc):
        return NOW
    made = {Text: text, LargeBinary: text.encode(), JSON: {"text": text}, Boolean: False}
    return next((value for each, value in made.items() if isinstance(kind, each)), 1)
