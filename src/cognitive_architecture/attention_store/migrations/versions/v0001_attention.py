"""The owner, the journal, its checkpoints, and the Hebbian links."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "attention_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the first tables."""
    ownership = op.create_table(
        "ownership",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("since", sa.Float, nullable=False),
    )
    op.bulk_insert(ownership, [{"id": 1, "epoch": 0, "since": 0.0}])
    op.create_table(
        "records",
        sa.Column("serial", sa.Integer, primary_key=True),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "checkpoints",
        sa.Column("serial", sa.Integer, primary_key=True),
        sa.Column("state", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "beliefs",
        sa.Column("source", sa.Integer, primary_key=True),
        sa.Column("links", sa.LargeBinary, nullable=False),
    )
