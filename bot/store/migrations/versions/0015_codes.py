"""Every published notice has a code, and says which files and document belong to it."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_LETTERS = "ACDEFGHJKLMNPQRTUVWXY34679"
_LENGTH = 7
_TEXTS = ("document_date", "attachment_name", "attachment_digest", "picture_digest")


def upgrade() -> None:
    """Apply this step."""
    for name in _TEXTS:
        op.add_column("announcements", sa.Column(name, sa.Text(), nullable=True))
    moment = sa.DateTime(timezone=True)
    op.add_column("announcements", sa.Column("changed_at", moment, nullable=True))
    op.create_index(
        "ix_announcements_topic_published_at", "announcements", ["topic", "published_at"]
    )
    _give_codes()
    _copy_from_drafts()


def _give_codes() -> None:
    published = sa.table("announcements", sa.column("id"), sa.column("code"))
    drafts = sa.table("notice_drafts", sa.column("code"))
    connection = op.get_bind()
    taken = set(connection.execute(sa.select(drafts.c.code)).scalars())
    without = sa.select(published.c.id).where(published.c.code.is_(None))
    for number in list(connection.execute(without).scalars()):
        code = _new(taken)
        own = published.update().where(published.c.id == number)
        connection.execute(own.values(code=code))


def _new(taken: set[str]) -> str:
    while True:
        code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
        if code not in taken and not code.isalpha() and not code.isdigit():
            taken.add(code)
            return code


def _copy_from_drafts() -> None:
    """Say on what was published before which document it goes back to."""
    names = [sa.column(name) for name in _TEXTS]
    published = sa.table("announcements", sa.column("id"), *names)
    drafts = sa.table(
        "notice_drafts", sa.column("announcement_id"), sa.column("content", sa.JSON())
    )
    connection = op.get_bind()
    query = sa.select(drafts.c.announcement_id, drafts.c.content)
    rows = connection.execute(query.where(drafts.c.announcement_id.isnot(None))).all()
    for row in rows:
        values = {name: row.content.get(name) or None for name in _TEXTS}
        own = published.update().where(published.c.id == row.announcement_id)
        connection.execute(own.values(values))
