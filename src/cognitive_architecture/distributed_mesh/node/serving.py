"""What a node refuses although it was chosen.

The orchestrator decides where a task goes, the node whether it comes in.
"""

from __future__ import annotations

from collections.abc import Sequence

from cognitive_architecture.distributed_mesh.messages import Assignment, Vitals
from cognitive_architecture.distributed_mesh.policies.attributes import task_attributes
from cognitive_architecture.distributed_mesh.policies.expressions import Expression


class ServiceTerms:
    """Whom a node serves, and when not."""

    def __init__(self, rules: Sequence[Expression], *, memory_usage_max: float) -> None:
        """Set the terms.

        Args:
            rules: Expressions over a task; all must hold.
            memory_usage_max: With a larger share of its memory in use, 0 to 1, nothing is begun.
        """
        self._rules = rules
        self._memory_usage_max = memory_usage_max

    def refusal(self, assignment: Assignment, vitals: Vitals) -> str | None:
        """Why the node will not do this now, or ``None``."""
        if vitals.memory_usage > self._memory_usage_max:
            return f"{vitals.memory_usage:.0%} of its memory is in use"
        if self._rules:
            attributes = task_attributes(assignment.spec)
            for rule in self._rules:
                if (reason := rule.refusal(attributes)) is not None:
                    return f"its rule {reason}"
        return None
