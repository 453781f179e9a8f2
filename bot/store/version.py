"""Whether the tables are those of this release, found out without loading the migrations."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, text

from bot.store.database import Database

STEPS = Path(__file__).parent / "migrations" / "versions"


def newest() -> str:
    """Return the name of the last step; the files' names begin with them, in order."""
    return max(path.name.partition("_")[0] for path in STEPS.glob("[0-9]*_*.py"))


def is_newest(db: Database) -> bool:
    """Whether every step was applied."""
    with db.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars()
        return list(found) == [newest()]
