"""Published announcements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from bot.core.announcements.announcement import Announcement
from bot.store.database import Database
from bot.store.draft_rows import new_code
from bot.store.schema import announcements
from bot.store.schema_drafts import notice_drafts

COLUMNS = [announcements.c[name] for name in Announcement.__dataclass_fields__]


class Announcements:
    """Publishes and finds announcements."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def publish(
        self,
        *,
        topic: str,
        title: str,
        body: str,
        issuer: str,
        now: datetime,
        area: str | None = None,
        number: str | None = None,
        url: str | None = None,
        hotline: str | None = None,
        urgent: bool = False,
        expires_at: datetime | None = None,
        source_id: str | None = None,
        code: str | None = None,
    ) -> Announcement:
        """Keep an announcement and return it; who hears of it is up to ``notices.plan``.

        ``code`` is one that ``free_code`` gave; without one it gets its own.
        """
        values = {
            "topic": topic,
            "title": title,
            "body": body,
            "issuer": issuer,
            "published_at": now,
            "area": area,
            "number": number,
            "url": url,
            "hotline": hotline,
            "urgent": urgent,
            "expires_at": expires_at,
            "demo": False,
        }
        with self._db.write() as connection:
            values["code"] = code or _free_code(connection)
            insert = announcements.insert().values(source_id=source_id, **values)
            new_id = connection.execute(insert).inserted_primary_key[0]
        return Announcement(id=new_id, **values)  # type: ignore[arg-type]  # named as the columns

    def free_code(self) -> str:
        """Return a code no notice bears, to be shown before the notice is published."""
        with self._db.read() as connection:
            return _free_code(connection)

    def latest(
        self,
        now: datetime,
        topic: str | None = None,
        areas: Sequence[str] = (),
        offset: int = 0,
        limit: int = 3,
    ) -> tuple[list[Announcement], int]:
        """Return one page, newest first, without expired ones, and how many there are in all.

        With ``areas``: those about one of them and those about the whole province.
        """
        expires = announcements.c.expires_at
        current = or_(expires.is_(None), expires > now)
        return self._page(_about(now, topic, areas) & current, offset, limit)

    def board(
        self,
        now: datetime,
        topic: str | None = None,
        areas: Sequence[str] = (),
        offset: int = 0,
        limit: int = 20,
    ) -> tuple[list[Announcement], int]:
        """Return as ``latest`` does, but expired ones, too."""
        return self._page(_about(now, topic, areas), offset, limit)

    def _page(self, where: Any, offset: int, limit: int) -> tuple[list[Announcement], int]:
        page = _newest_first().where(where).offset(offset).limit(limit)
        with self._db.read() as connection:
            found = [as_announcement(row) for row in connection.execute(page)]
            total = connection.execute(select(func.count(announcements.c.id)).where(where))
            return found, int(total.scalar())

    def recent(self, limit: int = 20) -> list[Announcement]:
        """Return the newest announcements, expired ones too."""
        with self._db.read() as connection:
            return [
                as_announcement(row) for row in connection.execute(_newest_first().limit(limit))
            ]

    def find(self, announcement_id: int) -> Announcement | None:
        """Return one announcement, or None."""
        query = select(*COLUMNS).where(announcements.c.id == announcement_id)
        with self._db.read() as connection:
            row = connection.execute(query).first()
        return as_announcement(row) if row else None

    def named(self, ids: Iterable[int]) -> dict[int, Announcement]:
        """Return announcements by their ids; unknown ones are left out."""
        query = select(*COLUMNS).where(announcements.c.id.in_(set(ids)))
        with self._db.read() as connection:
            return {row.id: as_announcement(row) for row in connection.execute(query)}

    def by_code(self, code: str) -> Announcement | None:
        """Return the announcement with the short code printed in it, or None."""
        query = select(*COLUMNS).where(announcements.c.code == code.strip().upper())
        with self._db.read() as connection:
            row = connection.execute(query).first()
        return as_announcement(row) if row else None

    def seed(self, rows: Sequence[Mapping[str, Any]]) -> int:
        """Add or update announcements known by their ``source_id``; return how many.

        A row has ``source_id`` and the fields of Announcement (times aware), all but the id. Who
        has a code keeps it.
        """
        with self._db.write() as connection:
            codes = _codes(connection, [row["source_id"] for row in rows])
            for row in rows:
                code = codes.get(row["source_id"]) or _free_code(connection)
                values = {"urgent": False, "demo": False, "code": code, **row}
                insert = self._db.insert(announcements).values(values)
                changed = {name: value for name, value in values.items() if name != "source_id"}
                connection.execute(
                    insert.on_conflict_do_update(index_elements=["source_id"], set_=changed)
                )
        return len(rows)


def as_announcement(row: Any) -> Announcement:
    """Read a row of COLUMNS."""
    return Announcement(**{name: row[name] for name in Announcement.__dataclass_fields__})


def _newest_first() -> Any:
    return select(*COLUMNS).order_by(
        announcements.c.published_at.desc(), announcements.c.id.desc()
    )


def _about(now: datetime, topic: str | None, areas: Sequence[str]) -> Any:
    where = (announcements.c.published_at <= now) & announcements.c.unlisted.isnot(True)
    if topic:
        where = where & (announcements.c.topic == topic)
    if areas:
        about = announcements.c.area
        several = announcements.c.places
        anywhere = about.is_(None) & several.is_(None)
        one_of = [several.contains(f";{slug};", autoescape=True) for slug in areas]
        where = where & or_(anywhere, about.in_(tuple(areas)), *one_of)
    return where


def _free_code(connection: Any) -> str:
    """Return a code neither a draft nor an announcement bears."""
    while True:
        code = new_code()
        taken = [
            select(table.c.id).where(table.c.code == code)
            for table in (announcements, notice_drafts)
        ]
        if not any(connection.execute(query).first() for query in taken):
            return code


def _codes(connection: Any, source_ids: Sequence[str]) -> dict[str, str]:
    known = announcements.c.source_id.in_(tuple(source_ids))
    query = select(announcements.c.source_id, announcements.c.code).where(known)
    return dict(connection.execute(query).all())
