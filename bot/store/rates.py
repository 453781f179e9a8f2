"""The calls left to each app, shared by all processes. See ``bot/core/work/rate.py``.

Calls are taken in the transaction that marks a row ``sending``: no process holds any in advance,
so a kill loses at most the call that was being made.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from bot.core.work.rate import Bucket, Pool, capacity, next_minute
from bot.store.database import Database
from bot.store.schema import rates

# Built once: putting a statement together takes longer than running it.
_OWN = rates.c.name == bindparam("own")
_ROW = select(rates).where(_OWN)
_ROW_LOCKED = _ROW.with_for_update()
_KEEP = update(rates).where(_OWN).values(calls=bindparam("left"), at=bindparam("moment"))


class Rates:
    """The buckets of channels that have a limit; ``pools`` names them by channel."""

    def __init__(self, db: Database, pools: Mapping[str, Pool]) -> None:
        self._db = db
        self._pools = pools
        self._told: dict[str, int] = {}  # the limit the platform last stated for each pool
        self._lock = threading.Lock()

    def of(
        self, connection: Any, channel: str, now: datetime, *, locked: bool = False
    ) -> Bucket | None:
        """Return a channel's bucket, None if it has no limit; ``locked`` holds it until commit."""
        pool = self._pools.get(channel)
        if pool is None:
            return None
        query, own = (_ROW_LOCKED if locked else _ROW), {"own": pool.name}
        row = connection.execute(query, own).first()
        if row is None and locked:
            first = {"name": pool.name, "calls": capacity(pool.per_minute), "at": now}
            connection.execute(self._db.insert(rates).values(first).on_conflict_do_nothing())
            row = connection.execute(query, own).first()
        limit = min(pool.per_minute, row.stated or pool.per_minute) if row else pool.per_minute
        if row is None or row.at > next_minute(now):  # our clock was set back
            return Bucket.full(limit, now)
        return Bucket(limit, row.calls, row.at)

    def keep(self, connection: Any, channel: str, bucket: Bucket, **more: Any) -> None:
        """Write down what is left of a bucket that ``of`` locked."""
        name = self._pools[channel].name
        connection.execute(_KEEP, {"own": name, "left": bucket.calls, "moment": bucket.at})
        if more:
            connection.execute(update(rates).where(rates.c.name == name).values(more))

    def stated(self, channel: str, limit: int | None, remain: int, now: datetime) -> None:
        """Heed what the platform says about its limit; ``now`` is when the call began.

        Nothing is written while it only repeats what we know.
        """
        pool = self._pools.get(channel)
        if pool is None:
            return
        with self._lock:
            told = self._told.get(pool.name, pool.per_minute)
            limit = told if limit is None else limit
            if limit == told and remain >= capacity(min(limit, pool.per_minute)):
                return
        with self._db.write() as connection:
            before = self.of(connection, channel, now, locked=True)
            if before is not None:
                after = before.told(min(limit, pool.per_minute), remain, now)
                self.keep(connection, channel, after, stated=limit)
        with self._lock:
            self._told[pool.name] = limit
