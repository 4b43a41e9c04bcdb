"""The tables of the atom store, as they are after the newest migration."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import sqlalchemy as sa

from cognitive_architecture.storage.schema import Schema

NEWEST: Final = "atoms_0001"
"""The revision of the youngest file in ``migrations/versions``; a test holds them together."""

SCHEMA: Final = Schema(Path(__file__).parent / "migrations", NEWEST)

metadata = sa.MetaData()

ownership = sa.Table(
    "ownership",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("since", sa.Float, nullable=False),
    sa.Column("last_number", sa.BigInteger, nullable=False),
)
"""One row: who may write. Taking over raises the epoch, and so shuts out the owner before.

``last_number`` is the highest that an atom had when the log was last folded: those of atoms that
are gone stand nowhere else, and none is given twice.
"""

log = sa.Table(
    "log",
    metadata,
    sa.Column("serial", sa.Integer, primary_key=True),
    sa.Column("length", sa.Integer, nullable=False),
    sa.Column("last_number", sa.BigInteger, nullable=False),
    sa.Column("removed", sa.LargeBinary),
    sa.Column("portion", sa.LargeBinary, nullable=False),
)
"""What has changed since, oldest first; ``length`` in changes, ``last_number`` after them."""

parts = sa.Table(
    "parts",
    metadata,
    sa.Column("first", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("last", sa.BigInteger, nullable=False),
    sa.Column("length", sa.Integer, nullable=False),
    sa.Column("portion", sa.LargeBinary, nullable=False),
)
"""The snapshot: atoms by number, from ``first`` to ``last``; ``length`` in atoms."""
