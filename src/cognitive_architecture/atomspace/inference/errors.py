"""What inference raises on purpose."""

from __future__ import annotations

from cognitive_architecture.atomspace.errors import AtomSpaceError


class InconsistentTruth(AtomSpaceError):
    """Truth values that cannot all be true at once, so nothing follows from them."""

    code = "inconsistent_truth"
