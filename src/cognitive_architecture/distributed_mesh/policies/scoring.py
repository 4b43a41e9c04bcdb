"""How good a node is for a kind of task, as a product of factors that each say why."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final, NamedTuple

from cognitive_architecture.foundation.errors import ConfigurationError, require_number

WEIGHT_MAX: Final = 16.0
WARM: Final = 2.0
"""What a warm node counts more than a cold one: as much as a free node beside one whose slots are
all taken once."""
_WORST: Final = 0.1
"""A factor of a node that always fails, or is as ill as can be: it is still better than none."""


@dataclass(frozen=True, slots=True)
class MatchingWeights:
    """The exponents of the score; 0 leaves a factor out, 2 makes it count twice."""

    fit: float = 1.0
    """How far the task's preferences are met."""
    load: float = 1.0
    """How free the node is."""
    success: float = 1.0
    """How well it did, and may do."""
    speed: float = 1.0
    """How fast it is, compared with the others."""
    health: float = 1.0
    """How well its machine is."""
    affinity: float = 1.0
    """What it has at hand already."""

    def __post_init__(self) -> None:
        for name, weight in asdict(self).items():
            require_number(f"matching weight {name}", weight, low=0.0, high=WEIGHT_MAX)

    def changed(self, **weights: float) -> MatchingWeights:
        """The same with other weights.

        Raises:
            ConfigurationError: There is no such weight, or it is not a number from 0 to
                ``WEIGHT_MAX``.
        """
        known = asdict(self)
        if unknown := sorted(set(weights) - set(known)):
            raise ConfigurationError(
                f"{unknown[0]}: no such weight of matching; there are {', '.join(known)}"
            )
        changed = MatchingWeights(**(known | weights))
        return EVEN_WEIGHTS if changed == EVEN_WEIGHTS else changed


class Factors(NamedTuple):
    """What a node is worth to a kind of task, apart from how busy it is; each above 0."""

    fit: float
    success: float
    speed: float
    health: float
    affinity: float

    def merit(self, weights: MatchingWeights) -> float:
        """The product of the factors, each to the power of its weight."""
        if weights is EVEN_WEIGHTS:  # the usual case, asked for each node whose record moves
            return self.fit * self.success * self.speed * self.health * self.affinity
        merit = 1.0
        for name in _FACTORS:
            factor, weight = getattr(self, name), getattr(weights, name)
            merit *= factor if weight == 1.0 else factor**weight
        return merit


_FACTORS: Final = Factors._fields
EVEN_WEIGHTS: Final = MatchingWeights()
"""Every factor counts as it is; the default, and recognised by identity."""


def fit_of(unmet: float) -> float:
    """The fit of a node, given the weights of the preferences it does not meet, added up.

    ``1 / (1 + unmet)``: an unmet preference of weight 1 costs as much as a task that each of its
    slots has already.
    """
    return 1.0 / (1.0 + unmet)


def share_of(value: float) -> float:
    """A value from 0 to 1 as a factor that never takes everything away."""
    return _WORST + (1.0 - _WORST) * value


def headroom(leases: int, slots: int, weight: float) -> float:
    """``1 / (1 + load)`` to the power of ``weight``; load is leases per slot."""
    room = 1.0 / (1.0 + leases / slots)
    return room if weight == 1.0 else room**weight
