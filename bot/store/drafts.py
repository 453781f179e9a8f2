"""Notices before they go out: every act is a version and an audit line in one transaction.

The row is locked first, so of two requests at once one wins and the other sees what it did. Who
may approve is said once more in SQL, whichever way a request came.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, literal, select

from bot.core.messages import DeliveryState
from bot.core.notices.approval import (
    Hand,
    approvals_needed,
    check_approver,
    check_correction,
    check_notice,
    check_role,
)
from bot.core.notices.draft import Draft, Version
from bot.core.notices.notice import Audience, Notice, Urgency
from bot.core.notices.states import Act, NoticeRefused, State, move
from bot.core.staff.roles import Role
from bot.store.audiences import REACHED
from bot.store.database import Database
from bot.store.draft_rows import (
    HANDS_ON_ACTS,
    approvers,
    as_draft,
    as_version,
    change,
    hands_on,
    insert,
    locked,
    standing,
)
from bot.store.schema import Utc, announcements, deliveries
from bot.store.schema_drafts import (
    audience_lists,
    notice_approvals,
    notice_drafts,
    notice_versions,
)
from bot.store.schema_staff import staff, staff_roles


class Drafts:
    """Writes, submits, returns, approves and schedules notices.

    Every act names the ``version`` it saw and raises NoticeRefused if it may not happen.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def create(self, hand: Hand, notice: Notice, now: datetime) -> Draft:
        """Keep a new draft; its author is whoever writes."""
        check_role(hand, Act.CREATE)
        check_notice(notice)
        with self._db.write() as connection:
            _check_corrected(connection, notice)
            _check_emergency(connection, notice)
            return insert(self._db, connection, hand, notice, now)

    def edit(self, draft_id: int, hand: Hand, notice: Notice, seen: int, now: datetime) -> Draft:
        """Replace what a notice says; whatever was approved is void."""
        check_notice(notice)

        def edited(connection: Any, row: Any) -> Draft:
            was = Notice.from_json(row.content).audience.corrects
            if notice.audience.corrects != was:
                raise NoticeRefused("not_corrected", "the notice put right cannot be exchanged")
            _check_emergency(connection, notice)
            state = move(State(row.state), Act.EDIT)
            return change(
                self._db,
                connection,
                row,
                hand,
                Act.EDIT,
                state,
                now,
                notice=notice,
                editor_id=hand.staff_id,
                submission=None,
                submitter_id=None,
                reason=None,
            )

        return self._act(draft_id, hand, Act.EDIT, seen, edited)

    def submit(self, draft_id: int, hand: Hand, seen: int, now: datetime) -> Draft:
        """Hand a draft over for approval."""

        def submitted(connection: Any, row: Any) -> Draft:
            state = move(State(row.state), Act.SUBMIT)
            _check_times(row, now)
            _check_list(connection, Notice.from_json(row.content))
            values: dict[str, Any] = {"submission": row.version + 1}
            values["submitter_id"] = hand.staff_id
            return change(
                self._db, connection, row, hand, Act.SUBMIT, state, now, **values, reason=None
            )

        return self._act(draft_id, hand, Act.SUBMIT, seen, submitted)

    def give_back(self, draft_id: int, hand: Hand, reason: str, seen: int, now: datetime) -> Draft:
        """Return a notice to its author, who must be told why."""
        if not reason.strip():
            raise NoticeRefused("reason_missing")

        def returned(connection: Any, row: Any) -> Draft:
            state = move(State(row.state), Act.RETURN)
            values: dict[str, Any] = {"submission": None, "submitter_id": None}
            values["reason"] = reason.strip()
            note = reason.strip()
            return change(
                self._db, connection, row, hand, Act.RETURN, state, now, note=note, **values
            )

        return self._act(draft_id, hand, Act.RETURN, seen, returned)

    def approve(
        self, draft_id: int, hand: Hand, seen: int, fingerprint: str, now: datetime
    ) -> Draft:
        """Approve exactly the text, audience and time that ``fingerprint`` stands for.

        An emergency is approved when a second person does so; until then it stays submitted.
        """
        check_role(hand, Act.APPROVE)
        with self._db.write() as connection:
            row = locked(connection, draft_id)
            after = move(State(row.state), Act.APPROVE)
            if row.submission is None or seen < row.submission or seen > row.version:
                raise NoticeRefused("changed", f"submission {row.submission}")
            notice = Notice.from_json(row.content)
            if not fingerprint == row.fingerprint == notice.fingerprint:
                raise NoticeRefused("changed", "fingerprint")
            _check_times(row, now)
            _check_emergency(connection, notice)
            check_approver(hand, hands_on(connection, draft_id), approvers(connection, row))
            if not _insert_approval(connection, row, hand, notice, now):
                raise NoticeRefused("own_work", "or no approver any more")
            enough = len(standing(connection, row)) >= approvals_needed(notice)
            state = after if enough else State(row.state)
            note = notice.urgency.value if notice.is_emergency else ""
            return change(self._db, connection, row, hand, Act.APPROVE, state, now, note=note)

    def schedule(self, draft_id: int, hand: Hand, seen: int | None, now: datetime) -> Draft:
        """Release an approved notice: it goes out at its time, or at once if it names none."""

        def scheduled(connection: Any, row: Any) -> Draft:
            state = move(State(row.state), Act.SCHEDULE)
            check_approved(connection, row)
            _check_times(row, now)
            due = row.send_at or now
            return change(self._db, connection, row, hand, Act.SCHEDULE, state, now, send_at=due)

        return self._act(draft_id, hand, Act.SCHEDULE, seen, scheduled)

    def erratum(self, draft_id: int, hand: Hand, title: str, body: str, now: datetime) -> Draft:
        """Begin a correction of a sent notice, urgent, for exactly those whom that one reached.

        Everything else is as in the first; it is approved like any other.
        """
        first = self.find(draft_id)
        if first is None or first.announcement_id is None:
            raise NoticeRefused("not_corrected")
        urgency = first.notice.urgency
        notice = replace(
            first.notice,
            title=title,
            body=body,
            audience=Audience(corrects=first.announcement_id),
            urgency=urgency if urgency is Urgency.EMERGENCY else Urgency.URGENT,
            send_at=None,
            expires_at=None,
        )
        return self.create(hand, notice, now)

    def find(self, draft_id: int) -> Draft | None:
        """Return one notice, or None."""
        return self._first(notice_drafts.c.id == draft_id)

    def corrected(self, draft: Draft) -> Draft | None:
        """Return the notice this one puts right, or None."""
        first = draft.notice.audience.corrects
        return self._first(notice_drafts.c.announcement_id == first) if first else None

    def corrections(self, draft: Draft) -> list[Draft]:
        """Return the notices that put this one right, the newest first, drafts among them."""
        if draft.announcement_id is None:
            return []
        puts_right = notice_drafts.c.content["audience"]["corrects"].as_integer()
        query = select(notice_drafts).where(puts_right == draft.announcement_id)
        with self._db.read() as connection:
            rows = connection.execute(query.order_by(notice_drafts.c.id.desc())).all()
            return [as_draft(connection, row) for row in rows]

    def _first(self, which: Any) -> Draft | None:
        with self._db.read() as connection:
            row = connection.execute(select(notice_drafts).where(which)).first()
            return as_draft(connection, row) if row else None

    def page(
        self, states: Sequence[State] = (), before_id: int | None = None, limit: int = 50
    ) -> list[Draft]:
        """Return notices in these states (none named: all), the newest first."""
        query = select(notice_drafts).order_by(notice_drafts.c.id.desc()).limit(limit)
        if states:
            query = query.where(notice_drafts.c.state.in_([state.value for state in states]))
        if before_id is not None:
            query = query.where(notice_drafts.c.id < before_id)
        with self._db.read() as connection:
            rows = connection.execute(query).all()
            return [as_draft(connection, row) for row in rows]

    def counts(self) -> dict[str, int]:
        """Return how many notices are in each state."""
        query = select(notice_drafts.c.state, func.count()).group_by(notice_drafts.c.state)
        with self._db.read() as connection:
            return dict(connection.execute(query).all())

    def history(self, draft_id: int) -> list[Version]:
        """Return who did what to a notice, the oldest first."""
        own = notice_versions.c.draft_id == draft_id
        query = select(notice_versions).where(own).order_by(notice_versions.c.number)
        with self._db.read() as connection:
            return [as_version(row) for row in connection.execute(query)]

    def _act(
        self,
        draft_id: int,
        hand: Hand,
        act: Act,
        seen: int | None,
        work: Callable[[Any, Any], Draft],
    ) -> Draft:
        """Do ``work`` on the locked row, if it is the version that was seen (None: any)."""
        check_role(hand, act)
        with self._db.write() as connection:
            row = locked(connection, draft_id)
            if seen is not None and row.version != seen:
                raise NoticeRefused("changed", f"version {row.version}")
            return work(connection, row)


def check_approved(connection: Any, row: Any) -> None:
    """Raise NoticeRefused unless this very text is approved by as many as it takes, today."""
    notice = Notice.from_json(row.content)
    needed = approvals_needed(notice)
    if len(approvers(connection, row)) < needed or notice.fingerprint != row.fingerprint:
        raise NoticeRefused("changed", "approval")
    if len(standing(connection, row)) < needed:
        raise NoticeRefused("approver_gone")
    _check_emergency(connection, notice)


def _check_times(row: Any, now: datetime) -> None:
    if row.expires_at is not None and row.expires_at <= now:
        raise NoticeRefused("expired")


def _check_list(connection: Any, notice: Notice) -> None:
    """Raise NoticeRefused if the list of recipients is not there: it could come after approval."""
    query = select(audience_lists.c.digest).where(
        audience_lists.c.digest == notice.audience.uploaded
    )
    if notice.audience.uploaded and connection.execute(query).first() is None:
        raise NoticeRefused("list_gone")


def _check_corrected(connection: Any, notice: Notice) -> None:
    """Raise NoticeRefused unless what is put right has reached somebody."""
    if notice.audience.corrects is None:
        return
    reached = select(deliveries.c.id).where(
        deliveries.c.announcement_id == notice.audience.corrects,
        deliveries.c.state.in_((*REACHED, DeliveryState.SENDING.value)),
    )
    if connection.execute(reached.limit(1)).first() is None:
        raise NoticeRefused("not_corrected")


def _check_emergency(connection: Any, notice: Notice) -> None:
    """Raise NoticeRefused if an emergency would be put right by anything less than one."""
    query = select(announcements.c.emergency).where(announcements.c.id == notice.audience.corrects)
    check_correction(notice, of_emergency=bool(connection.execute(query).scalar()))


def _insert_approval(connection: Any, row: Any, hand: Hand, notice: Notice, now: datetime) -> bool:
    """Write an approval if the database too finds that this person may give it."""
    me = literal(hand.staff_id)
    draft = notice_drafts
    own_work = exists().where(
        notice_versions.c.draft_id == draft.c.id,
        notice_versions.c.staff_id == hand.staff_id,
        notice_versions.c.act.in_(HANDS_ON_ACTS),
    )
    approver = exists().where(
        staff.c.id == hand.staff_id,
        staff.c.locked_at.is_(None),
        staff_roles.c.staff_id == staff.c.id,
        staff_roles.c.role == Role.APPROVER.value,
    )
    values = select(
        draft.c.id,
        draft.c.submission,
        me.label("staff_id"),
        draft.c.fingerprint,
        literal(notice.is_emergency).label("emergency"),
        literal(now, Utc()).label("at"),
    ).where(
        draft.c.id == row.id,
        draft.c.state == State.SUBMITTED.value,
        draft.c.fingerprint == row.fingerprint,
        draft.c.author_id != hand.staff_id,
        draft.c.editor_id != hand.staff_id,
        draft.c.submitter_id != hand.staff_id,
        ~own_work,
        approver,
    )
    names = ["draft_id", "submission", "staff_id", "fingerprint", "emergency", "at"]
    inserted = connection.execute(notice_approvals.insert().from_select(names, values))
    return bool(inserted.rowcount == 1)
