"""What is meant for a few stands in no list that everybody reads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column("announcements", sa.Column("unlisted", sa.Boolean(), nullable=True))
