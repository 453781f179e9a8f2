"""The operational store: SQLite or PostgreSQL from one schema."""

from bot.store.records import (
    Backlog,
    Pause,
    Progress,
    Purged,
    Received,
    Reviewed,
    TokenPair,
    TokenState,
)
from bot.store.store import Store, open_store

__all__ = [
    "Backlog",
    "Pause",
    "Progress",
    "Purged",
    "Received",
    "Reviewed",
    "Store",
    "TokenPair",
    "TokenState",
    "open_store",
]
