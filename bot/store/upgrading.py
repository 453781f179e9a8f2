"""Runs the migrations in one transaction, one process at a time."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from bot.store.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(db: Database) -> None:
    """Bring the tables to the newest version: all of it or, if it fails, nothing."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with db.write() as connection:
        db.one_at_a_time(connection, "upgrade")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
