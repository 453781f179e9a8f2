"""Reach forecasts: counted before approval, kept, and compared with what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from bot.core.notices.forecast import Circumstances, Forecast, Group, forecast, outcome
from bot.core.notices.hours import Hours
from bot.core.notices.notice import Notice
from bot.core.notices.states import NoticeRefused
from bot.core.work.windows import Windows
from bot.store.audiences import groups_of
from bot.store.database import Database
from bot.store.schema_drafts import forecasts, notice_drafts


@dataclass(frozen=True)
class KeptForecast:
    """A forecast as it was kept, and what happened once the notice was through."""

    at: datetime
    fingerprint: str
    figures: dict[str, Any]
    outcome: dict[str, Any] | None


class Forecasts:
    """Counts whom a notice would reach."""

    def __init__(self, db: Database, windows: Windows, hours: Hours) -> None:
        self._db = db
        self._windows = windows
        self._hours = hours

    def groups(self, notice: Notice, now: datetime) -> list[Group]:
        """Count citizens by channel and by what would become of them at the notice's time."""
        at = max(now, notice.send_at) if notice.send_at else now
        hours = None if notice.is_urgent else self._hours
        with self._db.read() as connection:
            return groups_of(connection, notice.audience, self._windows, hours, at)

    def make(self, draft_id: int, around: Circumstances, now: datetime) -> Forecast:
        """Return the forecast of a notice and keep it. Raises NoticeRefused (``unknown``)."""
        query = select(notice_drafts.c.content, notice_drafts.c.fingerprint)
        with self._db.read() as connection:
            row = connection.execute(query.where(notice_drafts.c.id == draft_id)).first()
        if row is None:
            raise NoticeRefused("unknown", str(draft_id))
        notice = Notice.from_json(row.content)
        made = forecast(notice, self.groups(notice, now), now, around)
        values = {"draft_id": draft_id, "fingerprint": row.fingerprint, "at": now}
        with self._db.write() as connection:
            connection.execute(forecasts.insert().values(**values, figures=made.as_json()))
        return made

    def newest(self, draft_id: int) -> KeptForecast | None:
        """Return the last forecast that was kept; its fingerprint says of which text."""
        own = forecasts.c.draft_id == draft_id
        query = select(forecasts).where(own).order_by(forecasts.c.id.desc()).limit(1)
        with self._db.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        return KeptForecast(row.at, row.fingerprint, dict(row.figures), row.outcome)


def compare(
    connection: Any,
    draft_id: int,
    states: dict[str, int],
    skipped: dict[str, int],
    now: datetime,
) -> None:
    """Write beside the last forecast what happened."""
    own = forecasts.c.draft_id == draft_id
    query = select(forecasts).where(own).order_by(forecasts.c.id.desc()).limit(1)
    row = connection.execute(query).first()
    if row is None:
        return
    happened = outcome(row.figures, states, skipped)
    change = update(forecasts).where(forecasts.c.id == row.id)
    connection.execute(change.values(outcome=happened, compared_at=now))
