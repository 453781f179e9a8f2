"""The operational store: SQLite or PostgreSQL from one schema."""

from bot.store.records import Backlog, Progress, Purged, Received, TokenPair
from bot.store.store import Store, open_store

__all__ = ["Backlog", "Progress", "Purged", "Received", "Store", "TokenPair", "open_store"]
