"""The highest serial that was ever removed: a store that forgets everything still counts on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; nobody knows what was forgotten before."""
    op.add_column(
        "ownership", sa.Column("last_forgotten", sa.BigInteger, nullable=False, server_default="0")
    )
