"""Where the economy touches the mesh."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cognitive_architecture.distributed_mesh.machines.earnings import Earnings


@dataclass(frozen=True, slots=True)
class Guidance:
    """What follows from the books for the mesh."""

    weights: Mapping[str, float] | None = None
    """Shares of requesters, that of nobody under an empty name; 1 is that of an endowment that no
    order has changed, and of whoever has no account. ``None``: as before."""
    affinities: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """How well a node (first) and a capability go together, 0 to 1; those that have changed."""
    forgotten: Sequence[str] = ()
    """Nodes of which nothing need be known any more."""
    levels: Mapping[str, float] = field(default_factory=dict)
    """By concept: levels of priority by which the tasks that declare it are raised from now on,
    besides what they were raised by before."""


class SteeredMesh(Protocol):
    """A mesh as the economy sees it. All methods are called on the event loop's thread."""

    def exchange_earnings(self, fresh: Earnings | None) -> Earnings | None:
        """Let the mesh count in ``fresh`` from now on (in nothing, if ``None``).

        Returns:
            What it has counted in until now.
        """
        ...

    def present_nodes(self) -> Collection[str]:
        """Ids of the nodes that are in the mesh."""
        ...

    def steer(self, guidance: Guidance) -> None:
        """Let what follows from the books take effect."""
        ...
