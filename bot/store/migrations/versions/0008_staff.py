"""Staff, their sessions and secrets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    _accounts()
    _secrets()
    _sessions()


def _id() -> sa.Column:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("id", kind, nullable=False)


def _moment(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _whose() -> sa.Column:
    return sa.Column("staff_id", sa.BigInteger(), nullable=False, autoincrement=False)


def _of_staff(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_staff_id")
    return sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=name)


def _accounts() -> None:
    op.create_table(
        "staff",
        _id(),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password", sa.Text()),
        _moment("password_at", nullable=True),
        _moment("created_at"),
        _moment("locked_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("login", name=op.f("uq_staff_login")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "staff_roles",
        _whose(),
        sa.Column("role", sa.Text(), nullable=False),
        _of_staff("staff_roles"),
        sa.PrimaryKeyConstraint("staff_id", "role", name=op.f("pk_staff_roles")),
    )


def _secrets() -> None:
    op.create_table(
        "staff_secrets",
        _whose(),
        sa.Column("totp", sa.Text(), nullable=False),
        sa.Column("last_step", sa.BigInteger()),
        _moment("made_at"),
        _of_staff("staff_secrets"),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_staff_secrets")),
    )
    op.create_table(
        "staff_recovery",
        _whose(),
        sa.Column("digest", sa.Text(), nullable=False),
        _moment("used_at", nullable=True),
        _of_staff("staff_recovery"),
        sa.PrimaryKeyConstraint("staff_id", "digest", name=op.f("pk_staff_recovery")),
    )
    op.create_table(
        "staff_links",
        sa.Column("digest", sa.Text(), nullable=False),
        _whose(),
        sa.Column("totp", sa.Text(), nullable=False),
        _moment("made_at"),
        _moment("ends_at"),
        _of_staff("staff_links"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_staff_links")),
    )
    op.create_index("ix_staff_links_staff_id", "staff_links", ["staff_id"])


def _sessions() -> None:
    op.create_table(
        "staff_sessions",
        _id(),
        sa.Column("digest", sa.Text(), nullable=False),
        _whose(),
        sa.Column("device", sa.Text(), nullable=False),
        _moment("begun_at"),
        _moment("seen_at"),
        _of_staff("staff_sessions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_sessions")),
        sa.UniqueConstraint("digest", name=op.f("uq_staff_sessions_digest")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_staff_sessions_staff_id", "staff_sessions", ["staff_id"])
    op.create_table(
        "login_attempts",
        _id(),
        _moment("at"),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_attempts")),
        sqlite_autoincrement=True,
    )
    for columns in (["login", "at"], ["origin", "at"], ["at"]):
        op.create_index(f"ix_login_attempts_{'_'.join(columns)}", "login_attempts", columns)
