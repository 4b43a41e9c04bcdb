"""Tasks, their endings and failed attempts, the owner, and the known capabilities."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
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
    tasks = op.create_table(
        "tasks",
        sa.Column("serial", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("task_id", sa.Text, nullable=False, unique=True),
        sa.Column("task_type", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("priority", sa.SmallInteger, nullable=False),
        sa.Column("timeout_s", sa.Float, nullable=False),
        sa.Column("requester", sa.Text),
        sa.Column("idempotency_key", sa.Text),
        sa.Column("options", sa.LargeBinary),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
    )
    op.create_index(
        "tasks_idempotency",
        "tasks",
        [sa.func.coalesce(tasks.c.requester, ""), tasks.c.idempotency_key],
        unique=True,
        sqlite_where=tasks.c.idempotency_key.is_not(None),
        postgresql_where=tasks.c.idempotency_key.is_not(None),
    )
    op.create_table(
        "endings",
        sa.Column("serial", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("result", sa.LargeBinary),
        sa.Column("reason", sa.Text),
        sa.Column("node_id", sa.Text),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("started_at", sa.Float),
        sa.Column("ended_at", sa.Float, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "attempts",
        sa.Column("serial", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("node_id", sa.Text),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("started_at", sa.Float, nullable=False),
        sa.Column("ended_at", sa.Float, nullable=False),
        sa.Column("lease", sa.BigInteger, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "capabilities",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("epoch", sa.BigInteger, nullable=False),
    )
