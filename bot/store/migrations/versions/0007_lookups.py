"""Codes tried, proofs of ownership, and where a web citizen writes from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column("inbound", sa.Column("origin", sa.Text()))
    _tries()
    op.create_table(
        "lookup_alarms",
        sa.Column("scope", sa.Text(), nullable=False),
        _moment("since"),
        _moment("until"),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_lookup_alarms")),
    )
    _proofs()


def _id() -> sa.Column:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("id", kind, nullable=False)


def _moment(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _of_citizen(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_citizen_id")
    return sa.ForeignKeyConstraint(["citizen_id"], ["citizens.id"], name=name)


def _tries() -> None:
    op.create_table(
        "lookup_tries",
        _id(),
        _moment("at"),
        sa.Column("citizen_id", sa.BigInteger()),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("stem", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("origin_points", sa.Integer(), nullable=False),
        sa.Column("wrong", sa.Boolean(), nullable=False),
        _of_citizen("lookup_tries"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lookup_tries")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_lookup_tries_citizen_id_at", "lookup_tries", ["citizen_id", "at"])
    op.create_index("ix_lookup_tries_origin_at", "lookup_tries", ["origin", "at"])
    op.create_index("ix_lookup_tries_stem_at", "lookup_tries", ["stem", "at"])
    op.create_index("ix_lookup_tries_at", "lookup_tries", ["at"])


def _proofs() -> None:
    op.create_table(
        "proofs",
        _id(),
        sa.Column("citizen_id", sa.BigInteger(), nullable=False),
        sa.Column("code_key", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        _moment("proved_at"),
        _moment("ends_at"),
        _of_citizen("proofs"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proofs")),
        sa.UniqueConstraint("citizen_id", "code_key", name=op.f("uq_proofs_citizen_id_code_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_proofs_ends_at", "proofs", ["ends_at"])
    op.create_table(
        "proof_tries",
        _id(),
        _moment("at"),
        sa.Column("citizen_id", sa.BigInteger()),
        sa.Column("code_key", sa.Text(), nullable=False),
        _of_citizen("proof_tries"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof_tries")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_proof_tries_code_key_at", "proof_tries", ["code_key", "at"])
    op.create_index("ix_proof_tries_at", "proof_tries", ["at"])
