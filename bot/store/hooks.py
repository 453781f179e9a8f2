"""Calls of back offices: kept before they are acknowledged, each taken once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete

from bot.core.follow.exchange import Event
from bot.core.follow.report import report_in
from bot.store import reported
from bot.store.database import Database
from bot.store.schema_follows import dossier_events, hook_calls

REMEMBERED = timedelta(minutes=15)  # longer than any accepted timestamp may be off


class Hooks:
    """Takes in what back offices say about dossiers."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def take(self, signature: str, events: Sequence[Event], now: datetime) -> bool:
        """Keep events durably; False, having kept nothing, for a call that was here before.

        What they say is seen by every look-up from now on, told or not.
        """
        call = {"signature": signature, "at": now}
        rows = [
            {"code_key": each.key, "changes": dict(each.changes), "received_at": now}
            for each in events
        ]
        reports = [report_in(each.key, each.changes, now) for each in events]
        old = delete(hook_calls).where(hook_calls.c.at < now - REMEMBERED)
        with self._db.write() as connection:
            connection.execute(old)
            insert = self._db.insert(hook_calls).values(call).on_conflict_do_nothing()
            if connection.execute(insert).rowcount != 1:
                return False
            if rows:
                connection.execute(dossier_events.insert(), rows)
            reported.note(self._db, connection, filter(None, reports))
        return True
