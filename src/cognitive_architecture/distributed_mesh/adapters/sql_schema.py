"""Which tables the task store has, and the steps that lead there."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cognitive_architecture.storage.schema import Schema

NEWEST: Final = "0005"
"""The revision of the youngest file in ``migrations/versions``; a test holds them together."""

SCHEMA: Final = Schema(Path(__file__).parent / "migrations", NEWEST)
