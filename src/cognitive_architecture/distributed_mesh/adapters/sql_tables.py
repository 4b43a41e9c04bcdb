"""The tables of the task store, as they are after the newest migration.

A task is written once and its ending once. What changes is the priority of a task that somebody
raises or lowers, its checkpoint, and the balance of each requester that a commit charges.
"""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

ownership = sa.Table(
    "ownership",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("since", sa.Float, nullable=False),
    sa.Column("last_forgotten", sa.BigInteger, nullable=False, server_default="0"),
)
"""One row: who may write. Taking over raises the epoch, and so shuts out the owner before.

``last_forgotten`` is the highest serial that was ever removed, so that none is given out twice.
"""

tasks = sa.Table(
    "tasks",
    metadata,
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

sa.Index(
    "tasks_idempotency",
    sa.func.coalesce(tasks.c.requester, ""),
    tasks.c.idempotency_key,
    unique=True,
    sqlite_where=tasks.c.idempotency_key.is_not(None),
    postgresql_where=tasks.c.idempotency_key.is_not(None),
)

endings = sa.Table(
    "endings",
    metadata,
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

attempts = sa.Table(
    "attempts",
    metadata,
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

checkpoints = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("serial", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
    sa.Column("stage", sa.Integer, nullable=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
)
"""The latest checkpoint of each task that has one and is not done."""

capabilities = sa.Table(
    "capabilities",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("epoch", sa.BigInteger, nullable=False),
)
"""What any node has ever offered: tells a misspelt task type from an absent node."""

balances = sa.Table(
    "balances",
    metadata,
    sa.Column("requester", sa.Text, primary_key=True),
    sa.Column("served", sa.BigInteger, nullable=False),
    sa.Column("lag", sa.BigInteger, nullable=False),
    sa.Column("charged_at", sa.Float, nullable=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
)
"""What each requester was charged, ever, and what it was owed when it was charged last. Written in
the commit that keeps what it was charged for.

Without an index on the date: every commit would move an entry of it, a page more to write. What is
too old is found by looking at some requesters now and then."""
