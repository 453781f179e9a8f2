"""Citizens: who wrote to us, on which channel, and what their running talk remembers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from bot.core.messages import Citizen
from bot.store.database import Database
from bot.store.schema import citizens

CONTEXT_LIFE = timedelta(hours=24)


class Citizens:
    """Finds and adds citizens."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def find(self, channel: str, external_id: str) -> Citizen | None:
        """Return the citizen a channel knows by ``external_id``, or None."""
        where = (citizens.c.channel == channel) & (citizens.c.external_id == external_id)
        return self._one(where)

    def by_id(self, citizen_id: int) -> Citizen | None:
        """Return a citizen by our own id, or None."""
        return self._one(citizens.c.id == citizen_id)

    def open_session(self, channel: str, external_id: str, now: datetime) -> Citizen:
        """Return the citizen, added if new. Safe to call twice."""
        with self._db.write() as connection:
            row = lock_or_add(self._db, connection, channel, external_id, now)
        return Citizen(row.id, channel, external_id)

    def context(self, citizen_id: int, now: datetime) -> dict[str, str]:
        """Return what the running talk remembers; empty after 24 silent hours."""
        query = select(citizens.c.context, citizens.c.context_at).where(
            citizens.c.id == citizen_id
        )
        with self._db.read() as connection:
            row = connection.execute(query).first()
        return fresh_context(row.context, row.context_at, now) if row else {}

    def _one(self, where: Any) -> Citizen | None:
        query = select(citizens.c.id, citizens.c.channel, citizens.c.external_id).where(where)
        with self._db.read() as connection:
            row = connection.execute(query).first()
        return Citizen(row.id, row.channel, row.external_id) if row else None


def fresh_context(
    context: Mapping[str, str] | None, context_at: datetime | None, now: datetime
) -> dict[str, str]:
    """Return the context unless it is older than a day: nobody means yesterday's dossier."""
    if not context or context_at is None or now - context_at > CONTEXT_LIFE:
        return {}
    return dict(context)


def lock(connection: Any, citizen_id: int) -> Any:
    """Return the citizen's row, locked until commit; None if there is no such citizen.

    Every transaction takes this lock before others of the same citizen: no deadlocks, and a
    ``seq`` is never seen before a smaller one.
    """
    query = select(citizens).where(citizens.c.id == citizen_id)
    return connection.execute(query.with_for_update(key_share=True)).first()


def lock_or_add(
    db: Database, connection: Any, channel: str, external_id: str, now: datetime
) -> Any:
    """Return the locked row of this citizen, added if new."""
    query = (
        select(citizens)
        .where(citizens.c.channel == channel, citizens.c.external_id == external_id)
        .with_for_update(key_share=True)
    )
    row = connection.execute(query).first()
    if row is None:
        values = {"channel": channel, "external_id": external_id, "first_interaction_at": now}
        connection.execute(db.insert(citizens).values(values).on_conflict_do_nothing())
        row = connection.execute(query).first()
    return row


def take_seqs(connection: Any, citizen_id: int, count: int) -> range:
    """Return the citizen's next ``count`` numbers; nobody else can get them."""
    connection.execute(
        update(citizens).where(citizens.c.id == citizen_id).values(seq=citizens.c.seq + count)
    )
    last = connection.execute(select(citizens.c.seq).where(citizens.c.id == citizen_id)).scalar()
    return range(last - count + 1, last + 1)
