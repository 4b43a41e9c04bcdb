"""How hard Hypothesis tries.

Quick and the same every time by default; ``COGMESH_HYPOTHESIS=deep`` tries new examples for as
long as there is patience, and prints how to repeat what it finds.
"""

from __future__ import annotations

import os
from datetime import timedelta

from hypothesis import HealthCheck, settings

IS_DEEP = os.environ.get("COGMESH_HYPOTHESIS") == "deep"

_QUIET = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)


def quick(max_examples: int = 100, *, steps: int = 50) -> settings:
    """Settings for one property; ``deep`` multiplies the examples by a hundred."""
    return settings(
        max_examples=max_examples * (100 if IS_DEEP else 1),
        stateful_step_count=steps * (2 if IS_DEEP else 1),
        deadline=timedelta(seconds=60) if IS_DEEP else None,
        derandomize=not IS_DEEP,
        database=None,
        suppress_health_check=_QUIET,
        print_blob=True,
    )
