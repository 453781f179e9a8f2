"""Tables of the registry file."""

from __future__ import annotations

from sqlite_utils import Database

VERSION = "3"

_TABLES: dict[str, tuple[str, dict[str, type]]] = {
    "meta": ("name", {"name": str, "value": str}),
    "procedures": (
        "code",
        {
            "code": str, "name": str, "short_name": str, "aliases": str, "field": str,
            "field_name": str, "levels": str, "channels": str, "time_limit": str,
            "time_status": str, "fee": str, "fee_kind": str, "papers": str, "result": str,
            "url": str, "verification": str, "note": str, "position": int, "origin": str,
        },
    ),
    "fields": (
        "slug",
        {"slug": str, "name": str, "aliases": str, "topics": str, "position": int},
    ),
    "topics": ("slug", {"slug": str, "name": str, "aliases": str, "position": int}),
    "areas": (
        "slug",
        {
            "slug": str, "name": str, "kind": str, "aliases": str, "became": str,
            "parent": str, "needs_kind": int, "position": int,
        },
    ),
    "offices": (
        "slug",
        {
            "slug": str, "name": str, "kind": str, "area": str, "aliases": str, "address": str,
            "hours": str, "saturday": str, "phone": str, "email": str, "lat": float,
            "lon": float, "demo": int, "position": int,
        },
    ),
    "words": ("position", {"position": int, "kind": str, "phrases": str}),
    "absent": ("name", {"name": str, "phrases": str, "unless": str}),
    "labels": ("folded", {"folded": str, "label": str, "status": int}),
    "dossiers": (
        "key",
        {
            "key": str, "code": str, "procedure_code": str, "procedure_name": str,
            "status": int, "status_label": str, "received": str, "promised": str,
            "finished": str, "returned": str, "changed": str, "agency": str,
            "handling_unit": str, "note": str, "owner_phone": str, "owner_secret": str,
            "as_of": str, "origin": str,
        },
    ),
    "search": ("id", {"id": int, "key": str, "absent": int, "name": str}),
    "rarity": ("term", {"term": str, "rows": int}),
}  # fmt: skip

# Numbers are never given twice: citizens are told of a change by its number.
_NUMBERED = """
create table history (
    number integer primary key autoincrement,
    code_key text not null,
    code text not null,
    status integer,
    label text not null,
    changed_at text,
    noticed_at text not null,
    first integer not null
);
create index history_of on history (code_key, number);
create table imports (
    number integer primary key autoincrement,
    name text not null,
    digest text not null,
    imported_at text not null,
    good integer not null,
    bad integer not null,
    new integer not null,
    changed integer not null,
    unchanged integer not null
);
create index imports_of on imports (digest);
"""


def create(db: Database) -> None:
    """Create every table and the full-text index in an empty file."""
    for name, (key, columns) in _TABLES.items():
        db.table(name).create(columns, pk=key)
    db.table("procedures").create_index(["field", "position"])
    for statement in filter(str.strip, _NUMBERED.split(";")):
        db.execute(statement)
    # Terms are ASCII already; the index only keeps their places.
    db.execute("create virtual table search_index using fts5(terms, content='', tokenize='ascii')")
