"""The mesh as an economy of attention sees it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final

from cognitive_architecture.distributed_mesh.economy.ports import Guidance
from cognitive_architecture.distributed_mesh.machines.earnings import Earnings
from cognitive_architecture.distributed_mesh.machines.events import Reprioritised, WeightsChanged
from cognitive_architecture.distributed_mesh.model import Change
from cognitive_architecture.distributed_mesh.policies.matching import CapabilityMatcher
from cognitive_architecture.distributed_mesh.policies.naming import is_name
from cognitive_architecture.distributed_mesh.policies.steering import LEVELS_MAX

from .dispatcher import Dispatcher

_STEP: Final = 0.01
"""An affinity that has moved by less is not told: each telling lets every class of tasks judge the
node anew."""


class Steering:
    """Takes earnings over from the board, and lets guidance take effect there.

    Args:
        dispatcher: The one that is at work; after a restart it is another.
        matcher: Judges nodes.
    """

    def __init__(self, dispatcher: Callable[[], Dispatcher], matcher: CapabilityMatcher) -> None:
        self._dispatcher = dispatcher
        self._matcher = matcher

    def exchange_earnings(self, fresh: Earnings | None) -> Earnings | None:
        """Let the board count in ``fresh``; what it has counted until now."""
        board = self._dispatcher().board
        counted, board.earnings = board.earnings, fresh
        return counted

    def present_nodes(self) -> Collection[str]:
        """Ids of the nodes at the table."""
        return self._dispatcher().board.roster.by_node.keys()

    def steer(self, guidance: Guidance) -> None:
        """Let guidance take effect.

        Raises:
            QueueFull: So many concepts are raised already that these cannot be; all else holds.
        """
        if guidance.weights is not None:
            self._dispatcher().feed(WeightsChanged(dict(guidance.weights)))
        for (node_id, capability), value in guidance.affinities.items():
            if abs(self._matcher.affinity(node_id, capability) - value) >= _STEP:
                self._matcher.set_affinity(node_id, capability, value)
        for node_id in guidance.forgotten:
            self._matcher.forget_node(node_id)
        if guidance.levels:
            self._raise_concepts(guidance.levels)

    def _raise_concepts(self, levels: Mapping[str, float]) -> None:
        dispatcher = self._dispatcher()
        urgency = dispatcher.board.urgency
        change = Change(
            concepts={
                name: min(max(urgency.of_concept(name) + more, -LEVELS_MAX), LEVELS_MAX)
                for name, more in levels.items()
                if is_name(name)  # no task can declare another
            }
        )
        if not change.concepts:
            return
        crowded = urgency.crowded(change)
        if crowded is not None:
            raise crowded
        dispatcher.feed(Reprioritised(change))
        dispatcher.settle()
