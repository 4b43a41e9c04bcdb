"""The shared instances, built on first use.

They live in this process and keep tasks in memory. This is the one place where the mesh reaches
up to ``composition``: whoever asks for a shared instance asks for a house already put together.
"""

from __future__ import annotations

from .orchestrator import OrchestratorParts


def default_parts() -> OrchestratorParts:
    """What an orchestrator made without parts is made of."""
    from cognitive_architecture.composition import local_parts  # noqa: PLC0415 - see above

    return local_parts()
