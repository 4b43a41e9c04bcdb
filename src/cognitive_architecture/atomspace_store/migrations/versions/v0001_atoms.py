"""The owner, the log and the snapshot."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "atoms_0001"
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
        sa.Column("last_number", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(ownership, [{"id": 1, "epoch": 0, "since": 0.0, "last_number": 0}])
    op.create_table(
        "log",
        sa.Column("serial", sa.Integer, primary_key=True),
        sa.Column("length", sa.Integer, nullable=False),
        sa.Column("last_number", sa.BigInteger, nullable=False),
        sa.Column("removed", sa.LargeBinary),
        sa.Column("portion", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "parts",
        sa.Column("first", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("length", sa.Integer, nullable=False),
        sa.Column("portion", sa.LargeBinary, nullable=False),
    )
