"""Joins everything that forgets in time: the store, and the files beside it."""

from __future__ import annotations

from datetime import datetime

from bot.settings import Settings
from bot.sources.onestop.known import KnownStates
from bot.store import Store
from bot.store.records import Purged
from bot.wiring.sources import KNOWN_FILE


def purge(settings: Settings, store: Store, now: datetime) -> Purged:
    """Forget everything past its term; run it every hour. Safe to interrupt and repeat."""
    purged = store.privacy.purge(now)
    path = settings.data_dir / KNOWN_FILE
    if path.exists():
        states = KnownStates(path)
        states.keep((), now)  # what is kept makes room, also when nothing is added
        states.close()
    return purged
