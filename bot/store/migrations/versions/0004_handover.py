"""A person talks to this citizen: until when the desk keeps quiet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column("citizens", sa.Column("staff_until", sa.DateTime(timezone=True)))
