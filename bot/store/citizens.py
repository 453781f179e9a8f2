"""Citizens: who wrote to us, on which channel, and what their running talk remembers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update

from bot.core.messages import Citizen
from bot.store.database import Database
from bot.store.schema import citizens

CONTEXT_LIFE = timedelta(hours=24)

# Built once: putting a statement together takes longer than running it.
_THIS = citizens.c.id == bindparam("citizen")
_NAMED = (citizens.c.channel == bindparam("on")) & (
    citizens.c.external_id == bindparam("known_as")
)
_WHO = select(citizens.c.id, citizens.c.channel, citizens.c.external_id)
_WHO_NAMED, _WHO_THIS = _WHO.where(_NAMED), _WHO.where(_THIS)
_LOCK = select(citizens).where(_THIS).with_for_update(key_share=True)
_LOCK_NAMED = select(citizens).where(_NAMED).with_for_update(key_share=True)
_CONTEXT = select(citizens.c.context, citizens.c.context_at).where(_THIS)
_COUNT_ON = update(citizens).where(_THIS).values(seq=citizens.c.seq + bindparam("more"))
_LAST_SEQ = select(citizens.c.seq).where(_THIS)
_REMEMBER = (
    update(citizens)
    .where(_THIS)
    .values(
        context=bindparam("remembered"),
        context_at=bindparam("moment"),
        seq=citizens.c.seq + bindparam("more"),
    )
)


class Citizens:
    """Finds and adds citizens."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def find(self, channel: str, external_id: str) -> Citizen | None:
        """Return the citizen a channel knows by ``external_id``, or None."""
        return self._one(_WHO_NAMED, {"on": channel, "known_as": external_id})

    def by_id(self, citizen_id: int) -> Citizen | None:
        """Return a citizen by our own id, or None."""
        return self._one(_WHO_THIS, {"citizen": citizen_id})

    def open_session(self, channel: str, external_id: str, now: datetime) -> Citizen:
        """Return the citizen, added if new. Safe to call twice."""
        with self._db.write() as connection:
            row = lock_or_add(self._db, connection, channel, external_id, now)
        return Citizen(row.id, channel, external_id)

    def context(self, citizen_id: int, now: datetime) -> dict[str, str]:
        """Return what the running talk remembers; empty after 24 silent hours."""
        with self._db.read() as connection:
            row = connection.execute(_CONTEXT, {"citizen": citizen_id}).first()
        return fresh_context(row.context, row.context_at, now) if row else {}

    def _one(self, query: Any, values: Mapping[str, Any]) -> Citizen | None:
        with self._db.read() as connection:
            row = connection.execute(query, values).first()
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
    return connection.execute(_LOCK, {"citizen": citizen_id}).first()


def lock_or_add(
    db: Database, connection: Any, channel: str, external_id: str, now: datetime
) -> Any:
    """Return the locked row of this citizen, added if new."""
    named = {"on": channel, "known_as": external_id}
    row = connection.execute(_LOCK_NAMED, named).first()
    if row is None:
        values = {"channel": channel, "external_id": external_id, "first_interaction_at": now}
        connection.execute(db.insert(citizens).values(values).on_conflict_do_nothing())
        row = connection.execute(_LOCK_NAMED, named).first()
    return row


def remember(
    connection: Any, row: Any, context: Mapping[str, str], now: datetime, more: int
) -> range:
    """Keep the running talk's context and return the citizen's next ``more`` numbers.

    ``row`` is the citizen as ``lock`` returned it.
    """
    values = {"citizen": row.id, "remembered": dict(context), "moment": now, "more": more}
    connection.execute(_REMEMBER, values)
    return range(row.seq + 1, row.seq + more + 1)


def take_seqs(connection: Any, citizen_id: int, count: int) -> range:
    """Return the citizen's next ``count`` numbers; nobody else can get them."""
    connection.execute(_COUNT_ON, {"citizen": citizen_id, "more": count})
    last = connection.execute(_LAST_SEQ, {"citizen": citizen_id}).scalar()
    return range(last - count + 1, last + 1)
