"""What a detector says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """Something is wrong, and this is how it shows."""

    sentence: str
    """For people: what was seen, with the numbers that decided."""
    evidence: Mapping[str, float | int | str] = field(default_factory=dict)
    """The same numbers for programs."""
