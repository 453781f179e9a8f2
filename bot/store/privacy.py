"""What we know about a citizen: show it, delete it, and forget it in time.

``docs/privacy.md`` names every table and term; a test compares it with the tables.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, and_, delete, func, null, or_, select, update

from bot.core.staff.lockout import MEMORY
from bot.store import forgetting, leaving
from bot.store.audiences import forget_lists
from bot.store.citizens import CONTEXT_LIFE, lock
from bot.store.contents import WITHOUT_CONTENT
from bot.store.database import Database
from bot.store.files import UNUSED_LIFE, forget_unused
from bot.store.follow_effects import forget_old_marks
from bot.store.hooks import REMEMBERED
from bot.store.lookups import forget_old_tries
from bot.store.proofs import forget_old_proofs
from bot.store.records import Purged
from bot.store.reported import forget_old_reports
from bot.store.schema import (
    announcements,
    citizens,
    deliveries,
    inbound,
    pictures,
    review,
    subscriptions,
)
from bot.store.schema_digests import digests
from bot.store.schema_drafts import audience_members
from bot.store.schema_follows import dossier_events, follows, hook_calls
from bot.store.schema_lookups import lookup_tries, proof_tries, proofs
from bot.store.schema_staff import login_attempts

TEXT_LIFE = timedelta(hours=24)
ROW_LIFE = timedelta(days=90)
NEWS_LIFE = timedelta(days=30)  # who follows a dossier on the page may not come every day
EVENT_LIFE = timedelta(days=30)  # a call of a back office that nobody could take in meanwhile
BATCH = 2000
_PEOPLE = 25  # removed in one transaction: others wait for it
_NO_BODY = {"body": null()}
_INTERNAL = {"lease_owner", "lease_until", "due_at", "citizen_id"}


class Privacy:
    """Export, erasure and the daily forgetting."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def export(self, citizen_id: int) -> dict[str, Any]:
        """Return everything kept about a citizen, ready for JSON (pictures as their size).

        Raises LookupError when there is no such citizen.
        """
        with self._db.read() as connection:
            own = citizens.c.id == citizen_id
            row = connection.execute(select(citizens).where(own)).first()
            if row is None:
                raise LookupError(f"no citizen {citizen_id}")
            return {
                "citizen": _plain(row),
                "subscriptions": _all(connection, subscriptions, citizen_id),
                "messages": _all(connection, inbound, citizen_id),
                "pictures": _pictures(connection, citizen_id),
                "deliveries": _all(connection, deliveries, citizen_id),
                "digests": _all(connection, digests, citizen_id),
                "announcements": _received(connection, citizen_id),
                "review": _all(connection, review, citizen_id),
                "follows": _all(connection, follows, citizen_id),
                "lookup_tries": _all(connection, lookup_tries, citizen_id),
                "proofs": _all(connection, proofs, citizen_id),
                "proof_tries": _all(connection, proof_tries, citizen_id),
                "audience_members": _all(connection, audience_members, citizen_id),
            }

    def erase(self, citizen_id: int, now: datetime) -> bool:
        """Delete everything about a citizen at once; False if there is no such citizen.

        Nothing more is sent, not even a reply under way. For "forget me" inside a talk, where
        the answer must still arrive, see the effect ``erase``.
        """
        gone = self._remove(citizen_id)
        self._db.has_deleted = True
        self._db.scrub()
        return gone

    def scrub(self) -> bool:
        """Let nothing deleted linger in the database's own files; False if it was busy.

        Cheap when nothing was deleted since the last time; run it every second.
        """
        return self._db.scrub()

    def _remove(self, citizen_id: int) -> bool:
        with self._db.write() as connection:
            lock(connection, citizen_id)
            return forgetting.remove(connection, citizen_id)

    def purge(self, now: datetime) -> Purged:
        """Forget what is past its time; run it every hour. Safe to interrupt and repeat.

        Talk (messages and replies) loses its content a day after it was settled, digests and news
        of followed dossiers after 30 days; delivery and message rows go after 90 days, and what
        was left of erased citizens after a day.
        Visitors without a login go altogether after a silent day, everybody else after 90 days
        when nothing is left that they wanted from us.
        Phrases kept for review lose their citizen after a day and go after 90. Follows go 30 days
        after the dossier's end, proofs after 30, look-ups after an hour, uploaded lists of
        recipients after 90, files that no notice names after 30.
        """
        texts = self._forget(inbound, inbound.c.text, now, WITHOUT_CONTENT)
        self._forget_rests(now)
        news = or_(deliveries.c.follow_id.isnot(None), deliveries.c.digest_id.isnot(None))
        talk = and_(deliveries.c.follow_id.is_(None), deliveries.c.digest_id.is_(None))
        replies = self._forget(deliveries, deliveries.c.body, now, _NO_BODY, talk)
        replies += self._forget(deliveries, deliveries.c.body, now, _NO_BODY, news, life=NEWS_LIFE)
        self._forget_contexts(now)
        self._unlink_reviews(now)
        rows = self._forget_follows(now)
        gone = self._remove_people(leaving.at_once, now)
        born = deliveries.c.created_at
        rows += self._remove_old(deliveries, born, deliveries.c.settled_at, now)
        rows += self._remove_old(digests, digests.c.at, digests.c.at, now)
        rows += self._remove_old(inbound, inbound.c.received_at, inbound.c.settled_at, now)
        rows += self._remove_old(review, review.c.at, review.c.at, now)
        rows += self._forget_lookups(now)
        rows += self._forget_uploads(now)
        gone += self._remove_people(leaving.by_and_by, now)
        self._db.has_deleted = True
        self._db.scrub()
        return Purged(texts, replies, rows, gone)

    def _forget(
        self,
        table: Table,
        content: Any,
        now: datetime,
        values: Any,
        *which: Any,
        life: timedelta = TEXT_LIFE,
    ) -> int:
        old = (
            select(table.c.id)
            .where(content.isnot(None), table.c.settled_at <= now - life, *which)
            .limit(BATCH)
        )
        change = update(table).where(table.c.id.in_(old.scalar_subquery())).values(**values)
        return self._repeat(change)

    def _forget_rests(self, now: datetime) -> None:
        """Forget what came along with words that were forgotten before their day was over."""
        rest = (inbound.c.media_url, inbound.c.latitude, inbound.c.longitude, inbound.c.origin)
        old = (inbound.c.text.is_(None), inbound.c.settled_at <= now - TEXT_LIFE)
        query = select(inbound.c.id).where(*old, or_(*(column.isnot(None) for column in rest)))
        with self._db.read() as connection:  # no index: nobody may wait for us meanwhile
            ids = connection.execute(query).scalars().all()
        for first in range(0, len(ids), BATCH):
            change = update(inbound).where(inbound.c.id.in_(ids[first : first + BATCH]))
            with self._db.write() as connection:
                connection.execute(change.values(**WITHOUT_CONTENT))

    def _forget_follows(self, now: datetime) -> int:
        """Delete follows past their end, and what back offices said past its use."""
        ended = delete(follows).where(follows.c.ends_at <= now)
        calls = delete(hook_calls).where(hook_calls.c.at <= now - REMEMBERED)
        events = delete(dossier_events).where(dossier_events.c.received_at <= now - EVENT_LIFE)
        with self._db.write() as connection:
            counts = [connection.execute(each).rowcount for each in (ended, calls, events)]
            counts += [forget_old_reports(connection, now), forget_old_marks(connection, now)]
        return sum(map(int, counts))

    def _forget_contexts(self, now: datetime) -> int:
        stale = (
            select(citizens.c.id).where(citizens.c.context_at < now - CONTEXT_LIFE).limit(BATCH)
        )
        change = update(citizens).where(citizens.c.id.in_(stale.scalar_subquery()))
        return self._repeat(change.values(context=null(), context_at=None))

    def _forget_lookups(self, now: datetime) -> int:
        logins = delete(login_attempts).where(login_attempts.c.at <= now - MEMORY)
        with self._db.write() as connection:
            gone = int(connection.execute(logins).rowcount)
            return gone + forget_old_tries(connection, now) + forget_old_proofs(connection, now)

    def _forget_uploads(self, now: datetime) -> int:
        with self._db.write() as connection:
            lists = forget_lists(connection, now - ROW_LIFE)
            return lists + forget_unused(connection, now - UNUSED_LIFE)

    def _unlink_reviews(self, now: datetime) -> int:
        linked = (
            select(review.c.id)
            .where(review.c.citizen_id.isnot(None), review.c.at <= now - TEXT_LIFE)
            .limit(BATCH)
        )
        change = update(review).where(review.c.id.in_(linked.scalar_subquery()))
        return self._repeat(change.values(citizen_id=null()))

    def _remove_old(self, table: Table, born: Any, settled_at: Any, now: datetime) -> int:
        """Delete settled rows past their life. Ids grow with time, so old rows come first.

        Old rows that are not settled (a broadcast paused and forgotten) hold nothing up.
        """
        removed, cursor = 0, 0
        while True:
            with self._db.write() as connection:
                page = select(table.c.id).where(table.c.id > cursor).order_by(table.c.id)
                seen = (
                    select(table.c.id, born)
                    .where(table.c.id.in_(page.limit(BATCH).scalar_subquery()))
                    .subquery()
                )
                last, oldest = connection.execute(
                    select(func.max(seen.c[0]), func.min(seen.c[1]))
                ).one()
                if last is None or oldest > now - ROW_LIFE:
                    return removed
                old = (table.c.id > cursor) & (table.c.id <= last) & (settled_at <= now - ROW_LIFE)
                count = _delete_unused(connection, table, old)
            removed, cursor = removed + count, last

    def _remove_people(self, due: leaving.Rule, now: datetime) -> int:
        """Remove citizens a rule names, unless they came back before their turn."""
        with self._db.read() as connection:
            query = select(citizens.c.id).where(due(now)).order_by(citizens.c.id)
            ids = connection.execute(query).scalars().all()
        gone = 0
        for first in range(0, len(ids), _PEOPLE):
            with self._db.write() as connection:
                for citizen_id in ids[first : first + _PEOPLE]:
                    lock(connection, citizen_id)
                    still = select(citizens.c.id).where(citizens.c.id == citizen_id, due(now))
                    if connection.execute(still).first() is not None:
                        gone += forgetting.remove(connection, citizen_id)
        return gone

    def _repeat(self, change: Any) -> int:
        """Run a batch again until nothing is left, letting others write in between."""
        total = 0
        while True:
            with self._db.write() as connection:
                count = int(connection.execute(change).rowcount)
            total += count
            if count < BATCH:
                return total


def _delete_unused(connection: Any, table: Table, where: Any) -> int:
    if table is inbound:
        answered = select(deliveries.c.id).where(deliveries.c.inbound_id == inbound.c.id)
        where = where & ~answered.exists()
    return int(connection.execute(delete(table).where(where)).rowcount)


def _all(connection: Any, table: Table, citizen_id: int) -> list[dict[str, Any]]:
    query = select(table).where(table.c.citizen_id == citizen_id)
    rows = connection.execute(query.order_by(*table.primary_key))
    return [_plain(row) for row in rows]


def _pictures(connection: Any, citizen_id: int) -> list[dict[str, Any]]:
    query = (
        select(pictures.c.inbound_id, func.length(pictures.c.bytes).label("size"))
        .select_from(pictures.join(inbound))
        .where(inbound.c.citizen_id == citizen_id)
    )
    return [_plain(row) for row in connection.execute(query)]


def _received(connection: Any, citizen_id: int) -> list[dict[str, Any]]:
    named = [announcements.c[name] for name in ("id", "topic", "title", "published_at")]
    query = (
        select(*named)
        .select_from(announcements.join(deliveries))
        .where(deliveries.c.citizen_id == citizen_id)
        .order_by(announcements.c.id)
    )
    return [_plain(row) for row in connection.execute(query)]


def _plain(row: Any) -> dict[str, Any]:
    pairs = {name: value for name, value in row._mapping.items() if name not in _INTERNAL}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in pairs.items()
        if value is not None
    }
