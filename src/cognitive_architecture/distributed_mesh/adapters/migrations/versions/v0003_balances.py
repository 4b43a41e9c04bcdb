"""What requesters were charged, and what they are owed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; whatever was served before was never counted."""
    op.create_table(
        "balances",
        sa.Column("requester", sa.Text, primary_key=True),
        sa.Column("served", sa.BigInteger, nullable=False),
        sa.Column("lag", sa.BigInteger, nullable=False),
        sa.Column("charged_at", sa.Float, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
    )
    op.create_index("balances_charged_at", "balances", ["charged_at"])
