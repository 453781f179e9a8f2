"""Followed dossiers: who follows, what changed, what was told. Told once, whatever dies.

A message to a follower and the note that it was told are one transaction, and only the first
who decided on a version of a follow writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, or_, select, update

from bot.core.dossiers.dossier import Dossier
from bot.core.follow.follow import Follow, is_news
from bot.core.follow.report import report_of
from bot.core.follow.snapshot import (
    as_json,
    from_json,
    same_state,
    told_as_json,
    told_from_json,
)
from bot.core.follow.told import Worded
from bot.core.messages import Button, DeliveryState, Reply
from bot.core.work.windows import Windows
from bot.store import reported
from bot.store.database import Database
from bot.store.notices import BULK_PRIORITY, URGENT_PRIORITY, reason_to_skip
from bot.store.schema import citizens, deliveries
from bot.store.schema_follows import dossier_events, follow_cursors, follows, rated_dossiers
from bot.store.schema_lookups import proofs

_SKEW = timedelta(minutes=5)  # between the clocks of two machines, at most


class Follows:
    """Reads follows and writes what the follow lane decided."""

    def __init__(self, db: Database, windows: Windows) -> None:
        self._db = db
        self._windows = windows

    def of(self, citizen_id: int) -> list[Follow]:
        """Return what a citizen follows, oldest first."""
        query = select(follows).where(follows.c.citizen_id == citizen_id).order_by(follows.c.id)
        with self._db.read() as connection:
            return [_as_follow(row) for row in connection.execute(query)]

    def codes_of(self, citizen_id: int) -> tuple[str, ...]:
        """Return the codes a citizen follows, oldest first."""
        query = select(follows.c.code).where(follows.c.citizen_id == citizen_id)
        with self._db.read() as connection:
            return tuple(connection.execute(query.order_by(follows.c.id)).scalars())

    def just_told(self, citizen_id: int) -> str | None:
        """Return the code of the dossier their last message from us was a notice about."""
        last = (
            select(deliveries.c.follow_id)
            .where(deliveries.c.citizen_id == citizen_id, deliveries.c.seq.isnot(None))
            .order_by(deliveries.c.seq.desc())
            .limit(1)
        )
        query = select(follows.c.code).where(follows.c.id == last.scalar_subquery())
        with self._db.read() as connection:
            code = connection.execute(query).scalar()
        return str(code) if code else None

    def last_buttons(self, citizen_id: int) -> tuple[Button, ...]:
        """Return the buttons under their last message from us if it was a notice of a dossier."""
        query = (
            select(deliveries.c.body, deliveries.c.follow_id)
            .where(deliveries.c.citizen_id == citizen_id, deliveries.c.seq.isnot(None))
            .order_by(deliveries.c.seq.desc())
            .limit(1)
        )
        with self._db.read() as connection:
            row = connection.execute(query).first()
        shown = row is not None and row.follow_id is not None and row.body is not None
        return Reply.from_json(row.body).buttons if shown else ()

    def is_rated(self, mark: str) -> bool:
        """Whether the dossier with this mark was rated lately, by whomever."""
        query = select(rated_dossiers.c.mark).where(rated_dossiers.c.mark == mark)
        with self._db.read() as connection:
            return connection.execute(query).first() is not None

    def with_proofs(self, citizen_ids: Collection[int], now: datetime) -> frozenset[int]:
        """Return those of the citizens who have proved to own some dossier."""
        query = select(proofs.c.citizen_id.distinct()).where(
            proofs.c.citizen_id.in_(citizen_ids), proofs.c.ends_at > now
        )
        with self._db.read() as connection:
            return frozenset(connection.execute(query).scalars())

    def count(self) -> int:
        """Return how many follows there are."""
        with self._db.read() as connection:
            return int(connection.execute(select(func.count()).select_from(follows)).scalar())

    def due(self, now: datetime, limit: int) -> list[Follow]:
        """Return follows to be looked at now: those with an announced change before all others.

        Those of one dossier stand together: it is fetched and worded once for all of them.
        """
        query = select(follows).where(follows.c.next_at <= now)
        query = query.order_by(follows.c.next_at, follows.c.code_key).limit(limit)
        with self._db.read() as connection:
            announced = connection.execute(query.where(follows.c.noticed_at.isnot(None))).all()
            rows = announced or connection.execute(query).all()
        return [_as_follow(row) for row in rows]

    def settle(self, decided: Sequence[Worded], now: datetime) -> int:
        """Write decisions and their messages at once; return how many messages.

        A follow that changed since it was read, or is gone, is left alone.
        """
        with self._db.write() as connection:
            held = _hold(connection, decided)
            mine = [each for each in decided if held.get(each.before.id) == each.before.version]
            over = [each.before.id for each in mine if each.over]
            same = [each.after for each in mine if not each.over and _only_looked(each)]
            kept = [_changes(each.after) for each in mine if not (each.over or _only_looked(each))]
            if over:
                connection.execute(delete(follows).where(follows.c.id.in_(over)))
                self._db.has_deleted = True
            if kept:
                connection.execute(_KEEP, kept)
            _look_again(connection, same)
            return self._add(connection, [each for each in mine if each.messages], now)

    def _add(self, connection: Any, decided: Sequence[Worded], now: datetime) -> int:
        """Write a delivery row for each message; skipped at once for who cannot be reached."""
        people = {each.before.citizen_id for each in decided}
        reached = {row.id: row for row in _people(connection, people, self._windows, now)}
        rows = [
            _delivery(each.before, telling, reply, reached[each.before.citizen_id], now)
            for each in decided
            for telling, reply in each.messages
            if each.before.citizen_id in reached
        ]
        if rows:
            connection.execute(self._db.insert(deliveries).on_conflict_do_nothing(), rows)
        return len(rows)

    def position(self, name: str) -> int:
        """Return how far a way of noticing has come; 0 before its first step."""
        query = select(follow_cursors.c.position).where(follow_cursors.c.name == name)
        with self._db.read() as connection:
            return int(connection.execute(query).scalar() or 0)

    def nudge(
        self, name: str, before: int, after: int, keys: Collection[str], now: datetime
    ) -> int:
        """Have the follows of ``keys`` looked at now and move the cursor, both or neither.

        Returns how many follows; 0 too when somebody else moved the cursor meanwhile.
        """
        first = {"name": name, "position": 0, "failures": 0}
        own = follow_cursors.c.name == name
        with self._db.write() as connection:
            insert = self._db.insert(follow_cursors).values(first)
            connection.execute(insert.on_conflict_do_nothing())
            move = update(follow_cursors).where(own, follow_cursors.c.position == before)
            if connection.execute(move.values(position=after)).rowcount != 1:
                return 0
            own = follows.c.code_key.in_(keys)
            held = select(follows.c.id).where(own).order_by(follows.c.id)
            connection.execute(held.with_for_update())  # in the order of all who lock many
            look = update(follows).where(own)
            # The version: whoever decides just now has not seen what is announced here.
            look = look.values(next_at=now, noticed_at=now, version=follows.c.version + 1)
            return int(connection.execute(look).rowcount)

    def settle_events(
        self,
        limit: int,
        changed: Callable[[Dossier, Mapping[str, Any]], Dossier],
        now: datetime,
    ) -> int:
        """Take in up to ``limit`` calls of the back office, oldest first; return how many."""
        oldest = select(dossier_events).order_by(dossier_events.c.id).limit(limit)
        with self._db.read() as connection:
            if connection.execute(oldest.limit(1)).first() is None:
                return 0
        with self._db.write() as connection:
            self._db.one_at_a_time(connection, "dossier_events")
            events = connection.execute(oldest).all()
            known = _known(connection, {event.code_key for event in events})
            for event in events:
                for follow_id, dossier in known.get(event.code_key, {}).items():
                    known[event.code_key][follow_id] = changed(dossier, event.changes)
            _note_known(
                connection, {k: v for group in known.values() for k, v in group.items()}, now
            )
            ids = [event.id for event in events]
            connection.execute(delete(dossier_events).where(dossier_events.c.id.in_(ids)))
        return len(events)

    def note_states(self, states: Mapping[str, Dossier], now: datetime) -> int:
        """Keep what a source said anew about followed dossiers (by key); return how many.

        Where a later word came in while the source was asked, that one stays.
        """
        with self._db.write() as connection:
            news = {
                follow_id: states[key]
                for key, group in _known(connection, set(states)).items()
                for follow_id, dossier in group.items()
                if is_news(dossier, states[key])
            }
            _note_known(connection, news, now)
            reports = [report_of(key, dossier, now) for key, dossier in states.items()]
            reported.note(self._db, connection, reports)
        return len(news)

    def followed_of(self, source: str, after_id: int, limit: int) -> list[Follow]:
        """Return a page of the follows that came from ``source`` and are not over."""
        query = select(follows).where(
            follows.c.source == source, follows.c.id > after_id, follows.c.ends_at.is_(None)
        )
        with self._db.read() as connection:
            rows = connection.execute(query.order_by(follows.c.id).limit(limit))
            return [_as_follow(row) for row in rows]

    def begin_poll(
        self, name: str, now: datetime, again_at: datetime, latest: datetime
    ) -> int | None:
        """Take the turn to ask a source; return how often it failed in a row, None if not due.

        Nobody waits longer than until ``latest``: where it seems so, the clock was set back.
        """
        first = {"name": name, "position": 0, "failures": 0, "due_at": now}
        due_at = follow_cursors.c.due_at
        is_due = or_(due_at <= now, due_at > latest + _SKEW)
        own = and_(follow_cursors.c.name == name, is_due)
        with self._db.write() as connection:
            insert = self._db.insert(follow_cursors).values(first)
            connection.execute(insert.on_conflict_do_nothing())
            row = connection.execute(select(follow_cursors).where(own).with_for_update()).first()
            if row is None:
                return None
            connection.execute(update(follow_cursors).where(own).values(due_at=again_at))
        return int(row.failures)

    def end_poll(self, name: str, failures: int, again_at: datetime) -> None:
        """Note how asking a source went and when to ask again."""
        own = follow_cursors.c.name == name
        with self._db.write() as connection:
            change = update(follow_cursors).where(own)
            connection.execute(change.values(failures=failures, due_at=again_at))


_KEEP = (
    update(follows)
    .where(follows.c.id == bindparam("follow"))
    .values(
        {
            name: bindparam(f"new_{name}", type_=follows.c[name].type)
            for name in (
                "source", "known", "told", "reminded_for", "late_for", "asked_at", "noticed_at",
                "ends_at", "next_at",
            )
        }
    )
    .values(version=follows.c.version + 1)
)  # fmt: skip


def _hold(connection: Any, decided: Sequence[Worded]) -> dict[int, int]:
    """Lock the follows decided about, in one order; return their present versions."""
    ids = [each.before.id for each in decided]
    query = select(follows.c.id, follows.c.version).where(follows.c.id.in_(ids))
    rows = connection.execute(query.order_by(follows.c.id).with_for_update())
    return {row.id: row.version for row in rows}


def _only_looked(each: Worded) -> bool:
    """Whether nothing was found but when to look again."""
    before, after = each.before, each.after
    if each.messages or not same_state(before.known, after.known):
        return False
    return replace(before, known=after.known, next_at=after.next_at) == after


def _look_again(connection: Any, seen: Sequence[Follow]) -> None:
    """Put off follows without news, those to the same moment at once: most are."""
    for moment in {each.next_at for each in seen}:
        ids = [each.id for each in seen if each.next_at == moment]
        rest = update(follows).where(follows.c.id.in_(ids))
        connection.execute(rest.values(next_at=moment, version=follows.c.version + 1))


def _changes(follow: Follow) -> dict[str, Any]:
    return {
        "follow": follow.id,
        "new_source": follow.known.source,
        "new_known": as_json(follow.known),
        "new_told": told_as_json(follow.told),
        "new_reminded_for": _text(follow.reminded_for),
        "new_late_for": _text(follow.late_for),
        "new_asked_at": follow.asked_at,
        "new_noticed_at": follow.noticed_at,
        "new_ends_at": follow.ends_at,
        "new_next_at": follow.next_at,
    }


def _known(connection: Any, keys: Collection[str]) -> dict[str, dict[int, Dossier]]:
    """Return what each follow of ``keys`` knows, locked, by key and follow."""
    query = select(follows.c.id, follows.c.code_key, follows.c.known)
    query = query.where(follows.c.code_key.in_(keys)).order_by(follows.c.id).with_for_update()
    found: dict[str, dict[int, Dossier]] = {}
    for row in connection.execute(query):
        found.setdefault(row.code_key, {})[row.id] = from_json(row.known)
    return found


def _note_known(connection: Any, news: Mapping[int, Dossier], now: datetime) -> None:
    if not news:
        return
    change = (
        update(follows)
        .where(follows.c.id == bindparam("follow"))
        .values(known=bindparam("news", type_=follows.c.known.type), next_at=now, noticed_at=now)
        .values(version=follows.c.version + 1)
    )
    rows = [{"follow": each, "news": as_json(dossier)} for each, dossier in news.items()]
    connection.execute(change, rows)


def _people(connection: Any, ids: Collection[int], windows: Windows, now: datetime) -> Any:
    """Return channel of each citizen and the reason not to write to them, if any."""
    reason = reason_to_skip(windows, now).label("reason")
    return connection.execute(
        select(citizens.c.id, citizens.c.channel, reason).where(
            citizens.c.id.in_(ids), citizens.c.stopped_at.is_(None)
        )
    )


def _delivery(
    follow: Follow, telling: Any, reply: Any, person: Any, now: datetime
) -> dict[str, Any]:
    skipped = person.reason is not None
    return {
        "channel": person.channel,
        "citizen_id": follow.citizen_id,
        "kind": "notice",
        "priority": URGENT_PRIORITY if telling.urgent else BULK_PRIORITY,
        "follow_id": follow.id,
        "telling": telling.key,
        "body": reply.as_json(),
        "state": (DeliveryState.SKIPPED if skipped else DeliveryState.QUEUED).value,
        "due_at": None if skipped else now,
        "settled_at": now if skipped else None,
        "error_code": person.reason,
        "created_at": now,
    }


def _as_follow(row: Any) -> Follow:
    return Follow(
        id=row.id,
        citizen_id=row.citizen_id,
        code=row.code,
        since=row.consent_at,
        consent=row.consent,
        known=from_json(row.known),
        told=told_from_json(row.told),
        muted=row.muted,
        reminded_for=_day(row.reminded_for),
        late_for=_day(row.late_for),
        asked_at=row.asked_at,
        answered=row.answered,
        noticed_at=row.noticed_at,
        ends_at=row.ends_at,
        next_at=row.next_at,
        version=row.version,
    )


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
