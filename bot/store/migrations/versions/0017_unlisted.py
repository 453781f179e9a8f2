"""What is meant for a few stands in no list; what is about several places names them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column("announcements", sa.Column("places", sa.Text(), nullable=True))
    op.add_column("announcements", sa.Column("unlisted", sa.Boolean(), nullable=True))
