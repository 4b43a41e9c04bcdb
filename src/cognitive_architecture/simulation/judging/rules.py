"""What a judge must know of the plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PROMPT_S: Final = 0.3
"""What can be done at once is done so soon: a few turns, commits and frames."""
DRIFT: Final = 1.03
"""No clock is slower than that."""


@dataclass(slots=True)
class Rules:
    """The limits that the plan and its settings set."""

    is_calm: bool
    ageing_s: float
    node_losses_max: int
    poison_nodes_max: int
    hedge_after_s: float
    hedge_share: float
    failed_share: float
    queue_tasks_max: int
    lookahead_max: int
    drain_timeout_s: float
    rejoin_s: float
    answer_timeout_s: float
    falls_back: bool
    """Whether other capabilities are tried that a task names."""
    slots: dict[str, int]
    offers: dict[str, frozenset[str]]
