"""The tables of the attention store, as they are after the newest migration."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import sqlalchemy as sa

from cognitive_architecture.storage.schema import Schema

NEWEST: Final = "attention_0001"
"""The revision of the youngest file in ``migrations/versions``; a test holds them together."""

SCHEMA: Final = Schema(Path(__file__).parent / "migrations", NEWEST)

metadata = sa.MetaData()

ownership = sa.Table(
    "ownership",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("since", sa.Float, nullable=False),
)
"""One row: who may write. Taking over raises the epoch, and so shuts out the owner before."""

records = sa.Table(
    "records",
    metadata,
    sa.Column("serial", sa.Integer, primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("record", sa.LargeBinary, nullable=False),
)
"""The journal since the checkpoint before the newest; ``at`` in seconds since the epoch."""

checkpoints = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("serial", sa.Integer, primary_key=True),
    sa.Column("state", sa.LargeBinary, nullable=False),
)
"""At most two; ``serial`` is that of the last record each stands for."""

beliefs = sa.Table(
    "beliefs",
    metadata,
    sa.Column("source", sa.Integer, primary_key=True),
    sa.Column("links", sa.LargeBinary, nullable=False),
)
"""Hebbian links as they are now, by the handle of their source."""
