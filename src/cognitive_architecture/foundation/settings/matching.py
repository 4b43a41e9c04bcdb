"""Which node gets a task."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .kinds import Section

Exponent = Annotated[float, Field(ge=0.0, le=16.0)]


class MatchingSettings(Section):
    """How much each factor counts when a node is chosen: exponents of the score's factors.

    0 leaves a factor out, 1 takes it as it is, 2 makes it count twice. ``cogmesh weigh`` changes
    them while the mesh runs.
    """

    fit_weight: Exponent = 1.0
    """How far the preferences of the task are met."""

    load_weight: Exponent = 1.0
    """How free the node is. More spreads tasks evenly; less lets the best nodes fill up first."""

    success_weight: Exponent = 1.0
    """How well the node did, with the benefit of the doubt for one of which little is known."""

    speed_weight: Exponent = 1.0
    """How fast the node is, compared with the others at the same kind of task."""

    health_weight: Exponent = 1.0
    """How well its machine is."""

    affinity_weight: Exponent = 1.0
    """What the node has at hand already. More keeps stories at their node although it is busy."""
