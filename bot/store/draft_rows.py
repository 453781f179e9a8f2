"""Rows of drafts: read, locked, changed together with their version and audit line."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from bot.core.announcements.codes import LENGTH, LETTERS
from bot.core.notices.approval import HANDS_ON, Hand
from bot.core.notices.draft import Draft, Version
from bot.core.notices.notice import Notice
from bot.core.notices.states import Act, NoticeRefused, State
from bot.core.staff.roles import Role
from bot.store import audit
from bot.store.database import Database
from bot.store.schema_drafts import notice_approvals, notice_drafts, notice_versions
from bot.store.schema_staff import staff, staff_roles

HANDS_ON_ACTS = tuple(act.value for act in HANDS_ON)
_LONGEST_NOTE = 1000
# Until it is sent, an approval counts only as long as whoever gave it could give it again.
_OPEN = (State.SUBMITTED.value, State.APPROVED.value, State.PLANNED.value)


def new_code() -> str:
    """Return a short code nobody can guess beforehand; with a figure, so that it is no word."""
    while True:
        code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        if not code.isalpha() and not code.isdigit():
            return code


def locked(connection: Any, draft_id: int) -> Any:
    """Return the row, ours alone until commit. Raises NoticeRefused (``unknown``)."""
    query = select(notice_drafts).where(notice_drafts.c.id == draft_id).with_for_update()
    row = connection.execute(query).first()
    if row is None:
        raise NoticeRefused("unknown", str(draft_id))
    return row


def change(
    db: Database,
    connection: Any,
    row: Any,
    hand: Hand,
    act: Act,
    state: State,
    now: datetime,
    *,
    note: str = "",
    notice: Notice | None = None,
    **values: Any,
) -> Draft:
    """Write an act on a locked row: the row, a version and an audit line, all or nothing."""
    number = row.version + 1
    if notice is not None:
        values.update(_content(notice))
    values.update(state=state.value, version=number, changed_at=now)
    own = notice_drafts.c.id == row.id
    connection.execute(update(notice_drafts).where(own).values(**values))
    changed = connection.execute(select(notice_drafts).where(own)).one()
    note_version(db, connection, changed, hand, act, now, note, notice)
    return as_draft(connection, changed)


def note_version(
    db: Database,
    connection: Any,
    row: Any,
    hand: Hand,
    act: Act,
    now: datetime,
    note: str = "",
    notice: Notice | None = None,
) -> None:
    """Add the version of ``row`` as it is now, and the line of the audit trail."""
    version = {
        "draft_id": row.id,
        "number": row.version,
        "at": now,
        "actor": hand.actor,
        "staff_id": hand.staff_id,
        "act": act.value,
        "state": row.state,
        "content": notice.as_json() if notice else None,
        "fingerprint": row.fingerprint,
        "note": note[:_LONGEST_NOTE] or None,
    }
    connection.execute(notice_versions.insert().values(version))
    detail = {"version": row.version, "state": row.state, "fingerprint": row.fingerprint}
    subject = f"draft:{row.id}"
    audit.add(db, connection, hand.actor, f"notice_{act.value}", subject, detail, now)


def insert(db: Database, connection: Any, hand: Hand, notice: Notice, now: datetime) -> Draft:
    """Write a new draft with its first version."""
    values = {
        "code": new_code(),
        "state": State.DRAFT.value,
        "version": 1,
        "author_id": hand.staff_id,
        "editor_id": hand.staff_id,
        "swept": True,
        "created_at": now,
        "changed_at": now,
        **_content(notice),
    }
    made = connection.execute(notice_drafts.insert().values(values)).inserted_primary_key[0]
    row = locked(connection, made)
    note_version(db, connection, row, hand, Act.CREATE, now, "", notice)
    return as_draft(connection, row)


def _content(notice: Notice) -> dict[str, Any]:
    return {
        "title": notice.title,
        "content": notice.as_json(),
        "fingerprint": notice.fingerprint,
        "send_at": notice.send_at,
        "expires_at": notice.expires_at,
    }


def hands_on(connection: Any, draft_id: int) -> set[int]:
    """Return everybody who ever wrote, changed or submitted this notice."""
    query = select(notice_versions.c.staff_id).where(
        notice_versions.c.draft_id == draft_id, notice_versions.c.act.in_(HANDS_ON_ACTS)
    )
    return set(connection.execute(query.distinct()).scalars())


def approvers(connection: Any, row: Any) -> tuple[int, ...]:
    """Return who approved this very submission and fingerprint."""
    query = (
        select(notice_approvals.c.staff_id)
        .where(
            notice_approvals.c.draft_id == row.id,
            notice_approvals.c.submission == row.submission,
            notice_approvals.c.fingerprint == row.fingerprint,
        )
        .order_by(notice_approvals.c.id)
    )
    return tuple(connection.execute(query).scalars())


def standing(connection: Any, row: Any) -> tuple[int, ...]:
    """Return who of those may still approve: no locked account, the role not taken away."""
    query = (
        select(staff.c.id)
        .join(staff_roles, staff_roles.c.staff_id == staff.c.id)
        .where(staff.c.locked_at.is_(None), staff_roles.c.role == Role.APPROVER.value)
    )
    able = set(connection.execute(query).scalars())
    return tuple(each for each in approvers(connection, row) if each in able)


def as_draft(connection: Any, row: Any) -> Draft:
    """Read a row of ``notice_drafts``."""
    return Draft(
        id=row.id,
        code=row.code,
        state=State(row.state),
        version=row.version,
        notice=Notice.from_json(row.content),
        fingerprint=row.fingerprint,
        author_id=row.author_id,
        editor_id=row.editor_id,
        created_at=row.created_at,
        changed_at=row.changed_at,
        submission=row.submission,
        submitter_id=row.submitter_id,
        reason=row.reason or "",
        announcement_id=row.announcement_id,
        approvers=(standing if row.state in _OPEN else approvers)(connection, row),
    )


def as_version(row: Any) -> Version:
    """Read a row of ``notice_versions``."""
    return Version(
        number=row.number,
        at=row.at,
        actor=row.actor,
        staff_id=row.staff_id,
        act=Act(row.act),
        state=State(row.state),
        fingerprint=row.fingerprint,
        note=row.note or "",
        notice=Notice.from_json(row.content) if row.content else None,
    )
