"""Notices that are going out: begun once, paused, resumed, ended, and what became of each row.

A decision is one mark on the announcement, made together with the state of the draft; senders
heed it between two rows (see ``holding``). ``sweep`` then brings the waiting rows into line, in
batches, and may be cut short anywhere.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from bot.core.announcements.announcement import Announcement
from bot.core.messages import Reply
from bot.core.notices.approval import WORKER, Hand, check_role
from bot.core.notices.draft import Draft
from bot.core.notices.ledger import lines
from bot.core.notices.notice import Notice
from bot.core.notices.states import OVER, Act, State, move
from bot.core.notices.words import announced
from bot.store.announcements import COLUMNS, as_announcement
from bot.store.database import Database
from bot.store.draft_rows import change, locked
from bot.store.drafts import check_approved
from bot.store.forecasts import compare
from bot.store.gathering import release_with
from bot.store.holding import CANCELLED, ENDS, EXPIRED, PAUSED, WAITING, ending
from bot.store.notices import BREATHER_SECONDS
from bot.store.schema import announcements, deliveries
from bot.store.schema_drafts import notice_drafts
from bot.store.tallies import tally

BATCH = 2000
_PAGE = 5000
_MARKS = {Act.PAUSE: PAUSED, Act.RESUME: None, Act.CANCEL: CANCELLED, Act.EXPIRE: EXPIRED}
_ENDABLE = [state.value for state in State if state not in OVER | {State.DRAFT, State.RETURNED}]
Render = Callable[[Announcement, Notice], Reply]


class Broadcasts:
    """Begins, stops and ends the sending of notices."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def due(self, now: datetime, limit: int = 20) -> list[int]:
        """Return the ids of planned notices whose time has come, emergencies first."""
        query = select(notice_drafts.c.id, notice_drafts.c.content).where(
            notice_drafts.c.state == State.PLANNED.value, notice_drafts.c.send_at <= now
        )
        with self._db.read() as connection:
            rows = connection.execute(query.order_by(notice_drafts.c.send_at)).all()
        rows.sort(key=lambda row: not Notice.from_json(row.content).is_emergency)
        return [int(row.id) for row in rows[:limit]]

    def start(self, draft_id: int, render: Render, now: datetime) -> Announcement | None:
        """Publish a planned notice whose time has come, once; None if it is not to begin.

        The approval is looked at again. What remains of a notice that is put right is cancelled.
        """
        with self._db.write() as connection:
            row = locked(connection, draft_id)
            if row.state != State.PLANNED.value or row.send_at > now:
                return None
            if row.expires_at is not None and row.expires_at <= now:
                return None
            check_approved(connection, row)
            made = _publish(connection, row, render, now)
            if made.corrects is not None:
                self._put_right(connection, made, now)
            state = move(State.PLANNED, Act.START)
            tie: dict[str, Any] = {"announcement_id": made.id}
            change(self._db, connection, row, WORKER, Act.START, state, now, **tie)
        return made

    def _put_right(self, connection: Any, made: Announcement, now: datetime) -> None:
        """Tie the earlier notice to its correction and let nothing more of it leave."""
        first = notice_drafts.c.announcement_id == made.corrects
        found = connection.execute(select(notice_drafts.c.id).where(first)).scalar()
        own = announcements.c.id == made.corrects
        is_over = True  # published by a command, or done: a person may still send an unsure row
        if found is not None:
            row = locked(connection, found)
            is_over = State(row.state) is State.DONE
            if State(row.state) in (State.SENDING, State.PAUSED):
                note = f"corrected by notice:{made.id}"
                self._mark(connection, row, WORKER, Act.CANCEL, now, note)
        values: dict[str, Any] = {"corrected_by": made.id, "changed_at": now}
        if is_over:
            values["held"] = CANCELLED
        connection.execute(update(announcements).where(own).values(**values))

    def pause(self, draft_id: int, hand: Hand, reason: str, now: datetime) -> Draft:
        """Let no further row leave until somebody resumes."""
        return self._decide(draft_id, hand, Act.PAUSE, reason, now)

    def resume(self, draft_id: int, hand: Hand, now: datetime) -> Draft:
        """Go on with a paused notice."""
        return self._decide(draft_id, hand, Act.RESUME, "", now)

    def cancel(self, draft_id: int, hand: Hand, reason: str, now: datetime) -> Draft:
        """Give a notice up; whoever has it keeps it, nobody else gets it."""
        return self._decide(draft_id, hand, Act.CANCEL, reason, now)

    def pause_by_errors(self, announcement_id: int, reason: str, now: datetime) -> bool:
        """Pause a notice whose rows fail; True if it was being sent. Its own errors decide."""
        own = notice_drafts.c.announcement_id == announcement_id
        with self._db.write() as connection:
            found = connection.execute(select(notice_drafts.c.id).where(own)).scalar()
            if found is None:
                return False
            row = locked(connection, found)
            if row.state != State.SENDING.value:
                return False
            self._mark(connection, row, WORKER, Act.PAUSE, now, reason)
        return True

    def expire(self, now: datetime) -> list[int]:
        """End notices past their time; return their ids."""
        query = select(notice_drafts.c.id).where(
            notice_drafts.c.state.in_(_ENDABLE), notice_drafts.c.expires_at <= now
        )
        return [each for each in self._ids(query) if self._settle(each, Act.EXPIRE, now)]

    def finish(self, now: datetime) -> list[int]:
        """Note which notices are through and compare them with their forecasts."""
        query = select(notice_drafts.c.id).where(notice_drafts.c.state == State.SENDING.value)
        return [each for each in self._ids(query) if self._settle(each, Act.FINISH, now)]

    def unplanned(self) -> list[Announcement]:
        """Return begun notices whose recipients are not all planned, the most urgent first."""
        query = (
            select(*COLUMNS)
            .where(
                announcements.c.audience.isnot(None),
                announcements.c.notice.isnot(None),
                announcements.c.planned_at.is_(None),
            )
            .order_by(
                announcements.c.emergency.desc(),
                announcements.c.urgent.desc(),
                announcements.c.id,
            )
        )
        with self._db.read() as connection:
            return [as_announcement(row) for row in connection.execute(query)]

    def sweep(self, now: datetime, batch: int = BATCH) -> Iterator[int]:
        """Bring waiting rows into line with what was decided; yield how many a batch changed."""
        query = select(notice_drafts).where(notice_drafts.c.swept.is_(False))
        with self._db.read() as connection:
            rows = connection.execute(query.order_by(notice_drafts.c.id)).all()
        for row in rows:
            yield from self._sweep(row, now, batch)

    def export(self, announcement_id: int, page: int = _PAGE) -> Iterator[str]:
        """Yield the ledger as CSV, page by page: its size does not matter."""
        yield from lines(self._rows(announcement_id, page))

    def _rows(self, announcement_id: int, page: int) -> Iterator[dict[str, Any]]:
        names = {"delivery": "id", "citizen": "citizen_id"}
        after = 0
        while True:
            query = (
                select(deliveries)
                .where(
                    deliveries.c.announcement_id == announcement_id,
                    deliveries.c.citizen_id > after,
                )
                .order_by(deliveries.c.citizen_id)
                .limit(page)
            )
            with self._db.read() as connection:
                rows = connection.execute(query).mappings().all()
            for row in rows:
                yield {**row, **{new: row[old] for new, old in names.items()}}
            if len(rows) < page:
                return
            after = rows[-1]["citizen_id"]

    def _decide(self, draft_id: int, hand: Hand, act: Act, reason: str, now: datetime) -> Draft:
        check_role(hand, act)
        with self._db.write() as connection:
            return self._mark(connection, locked(connection, draft_id), hand, act, now, reason)

    def _mark(
        self, connection: Any, row: Any, hand: Hand, act: Act, now: datetime, note: str
    ) -> Draft:
        """Change the state of a locked draft and put the mark on its announcement."""
        state = move(State(row.state), act)
        if row.announcement_id is None:
            return change(
                self._db, connection, row, hand, act, state, now, note=note, reason=note or None
            )
        own = update(announcements).where(announcements.c.id == row.announcement_id)
        told = {"changed_at": now} if act is Act.CANCEL else {}  # a pause is our own affair
        connection.execute(own.values(held=_MARKS[act], **told))
        values: dict[str, Any] = {"swept": False, "reason": note or None}
        return change(self._db, connection, row, hand, act, state, now, note=note, **values)

    def _settle(self, draft_id: int, act: Act, now: datetime) -> bool:
        """End one notice if it still is as it was when it was picked."""
        with self._db.write() as connection:
            row = locked(connection, draft_id)
            if act is Act.FINISH:
                return self._finish(connection, row, now)
            if row.state not in _ENDABLE or row.expires_at is None or row.expires_at > now:
                return False
            self._mark(connection, row, WORKER, act, now, "")
        return True

    def _finish(self, connection: Any, row: Any, now: datetime) -> bool:
        own = announcements.c.id == row.announcement_id
        marks = connection.execute(select(announcements).where(own)).first()
        if row.state != State.SENDING.value or marks is None or marks.planned_at is None:
            return False
        open_rows = select(deliveries.c.id).where(_unsettled(row.announcement_id)).limit(1)
        if not row.swept or connection.execute(open_rows).first():
            return False
        made = tally(connection, row.announcement_id)
        compare(connection, row.id, made.states, made.skipped, now)
        state = move(State.SENDING, Act.FINISH)
        change(self._db, connection, row, WORKER, Act.FINISH, state, now)
        return True

    def _sweep(self, draft: Any, now: datetime, batch: int) -> Iterator[int]:
        after = 0
        while (page := self._sweep_page(draft, now, after, batch)) is not None:
            after, changed = page
            yield changed
            time.sleep(BREATHER_SECONDS)
        same = (notice_drafts.c.id == draft.id) & (notice_drafts.c.version == draft.version)
        with self._db.write() as connection:
            connection.execute(update(notice_drafts).where(same).values(swept=True))

    def _sweep_page(
        self, draft: Any, now: datetime, after: int, batch: int
    ) -> tuple[int, int] | None:
        """Bring the rows after ``after`` into line; return the last id and how many changed."""
        own = announcements.c.id == draft.announcement_id
        page = (
            select(deliveries.c.id)
            .where(_unsettled(draft.announcement_id), deliveries.c.id > after)
            .order_by(deliveries.c.id)
            .limit(batch)
        )
        with self._db.write() as connection:
            # The mark stays as it is until we commit.
            held = select(announcements.c.held, announcements.c.corrected_by).where(own)
            mark, correction = connection.execute(held.with_for_update(read=True)).one()
            ids = list(connection.execute(page).scalars())
            if not ids:
                return None
            if mark is not None:
                release_with(connection, ids, now)
            rows = deliveries.c.id.in_(ids) & deliveries.c.state.in_(WAITING)
            if mark not in ENDS or correction is not None:
                rows = rows & deliveries.c.digest.is_(None)  # a digest tells what was put right
            rows = rows & deliveries.c.digest_id.is_(None)  # else it is on its way
            values: dict[str, Any] = {"due_at": now}
            if mark in ENDS:
                values = {**ending(mark), "settled_at": now}
            elif mark == PAUSED:
                values = {"due_at": None}
            else:
                rows = rows & deliveries.c.due_at.is_(None)
            done = connection.execute(update(deliveries).where(rows).values(**values)).rowcount
        return ids[-1], int(done)

    def _ids(self, query: Any) -> list[int]:
        with self._db.read() as connection:
            return list(connection.execute(query).scalars())


def _unsettled(announcement_id: int) -> Any:
    return (
        (deliveries.c.announcement_id == announcement_id)
        & deliveries.c.announcement_id.isnot(None)
        & deliveries.c.settled_at.is_(None)
    )


def _publish(connection: Any, row: Any, render: Render, now: datetime) -> Announcement:
    """Write the announcement of a draft with the message everybody gets."""
    notice = Notice.from_json(row.content)
    scope = _scope(connection, notice)
    made = replace(announced(notice, row.code, now), places=scope["places"])
    values = {column.name: getattr(made, column.name) for column in COLUMNS}
    del values["id"]
    insert = announcements.insert().values(
        **values,
        source_id=f"draft:{row.id}",  # unique: whatever happens, published once
        audience=notice.audience.as_json(),
        unlisted=scope["unlisted"],
        daytime=not notice.is_urgent,
        emergency=notice.is_emergency,
        plan_cursor=0,
    )
    made = replace(made, id=connection.execute(insert).inserted_primary_key[0])
    reply = render(made, notice).with_meta(notice_id=made.id)
    own = update(announcements).where(announcements.c.id == made.id)
    connection.execute(own.values(notice=reply.as_json()))
    return made


def _scope(connection: Any, notice: Notice) -> Mapping[str, Any]:
    """Return what it is about and whether no list names it: for a correction, as in the first."""
    first = notice.audience.corrects
    if first is None:
        areas = notice.audience.areas
        places = f";{';'.join(areas)};" if len(areas) > 1 else None
        return {"places": places, "unlisted": notice.audience.is_for_few}
    own = announcements.c.id == first
    query = select(announcements.c.places, announcements.c.unlisted).where(own)
    return dict(connection.execute(query).one()._mapping)
