"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

from .support.examples import quick

# Also for the properties that choose no settings: with those that Hypothesis comes with, they would
# fail where a busy machine takes more than 200 ms for an example, and try others every time.
settings.register_profile("cogmesh", quick())
settings.load_profile("cogmesh")
