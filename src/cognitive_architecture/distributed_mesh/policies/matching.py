"""How well a node answers a need, and why.

refuse      a node that lacks what is required cannot be chosen
rank        those left are ordered by fit, headroom and record
explain     every refusal is a sentence, every rank carries its factors
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final, Protocol, TypeVar

from cognitive_architecture.distributed_mesh.model import MeshNode, NodeAdvertisement, Wishes
from cognitive_architecture.foundation.change_log import ChangeLog
from cognitive_architecture.foundation.errors import ConfigurationError, require_number
from cognitive_architecture.foundation.sentences import shown

from .experience import Experience
from .expressions import Attributes, read_expression
from .scoring import EVEN_WEIGHTS, Factors, MatchingWeights, fit_of, share_of

WEIGHT_MAX: Final = 1e6
"""Largest weight of a capability. Beside a weight without bound all others count as nothing, and
a share of infinity is no number."""

AFFINITIES_MAX: Final = 100_000
"""Nodes whose affinities can be set."""


class Candidate(Protocol):
    """What can be ranked: anything with an id, capabilities and a load."""

    @property
    def node_id(self) -> str:
        """The node's id."""
        ...

    @property
    def capabilities(self) -> Collection[str]:
        """What it offers."""
        ...

    @property
    def current_load(self) -> float:
        """Tasks it works on."""
        ...


N = TypeVar("N", bound=Candidate)


class CapabilityMatcher:
    """Judges nodes against required capabilities.

    Two kinds of ties between capabilities can be declared. A capability may *need* others: a node
    that offers it without them does not really offer it. A capability may *imply* others: a node
    that offers it offers them too, said or not.
    """

    def __init__(self) -> None:
        self._weights: dict[str, float] = {}
        self._needs: dict[str, frozenset[str]] = {}
        self._implied: dict[str, frozenset[str]] = {}
        self.experience = Experience()
        self.score_weights = EVEN_WEIGHTS
        self._affinities: dict[str, dict[str, float]] = {}

    # -- what the operator says -------------------------------------------------------------

    def add_capability_weight(self, capability: str, weight: float) -> None:
        """Say how much a capability counts where a node offers only a part of what is required.

        Raises:
            ConfigurationError: The weight is not a number above 0 and up to ``WEIGHT_MAX``.
        """
        require_number(
            f"weight of {shown(capability)}", weight, low=0.0, high=WEIGHT_MAX, above_low=True
        )
        self._weights[capability] = float(weight)

    def add_capability_dependency(self, capability: str, needs: Iterable[str]) -> None:
        """Say that ``capability`` is of use only on a node that also offers ``needs``.

        Raises:
            ConfigurationError: ``needs`` is one string.
        """
        known = self._needs.get(capability, frozenset())
        self._needs[capability] = known | _several(f"needs of {shown(capability)}", needs)

    def add_capability_implication(self, capability: str, implied: Iterable[str]) -> None:
        """Say that whoever offers ``capability`` offers ``implied`` as well.

        Raises:
            ConfigurationError: ``implied`` is one string.
        """
        known = self._implied.get(capability, frozenset())
        self._implied[capability] = known | _several(f"implied by {shown(capability)}", implied)

    def set_affinity(self, node_id: str, capability: str, value: float) -> None:
        """Say how much a node has at hand for a capability: 0 nothing, which is the default, to 1.

        Raises:
            ConfigurationError: The value is not a number from 0 to 1, or affinities of
                ``AFFINITIES_MAX`` nodes are set already.
        """
        require_number(f"affinity of {shown(node_id)}", value, low=0.0, high=1.0)
        if node_id not in self._affinities and len(self._affinities) >= AFFINITIES_MAX:
            raise ConfigurationError(
                f"affinities of {AFFINITIES_MAX:,} nodes are set; forget_node drops one"
            )
        self._affinities.setdefault(node_id, {})[capability] = float(value)
        self.changes.note(node_id)

    def affinity(self, node_id: str, capability: str) -> float:
        """What ``set_affinity`` said last, 0 to 1."""
        return self._affinities.get(node_id, {}).get(capability, 0.0)

    def set_score_weights(self, **weights: float) -> MatchingWeights:
        """Change how much each factor of the score counts from now on.

        Args:
            weights: Fields of ``MatchingWeights``; the others stay as they are.

        Raises:
            ConfigurationError: There is no such weight, or it is out of its range.
        """
        self.score_weights = self.score_weights.changed(**weights)
        self.changes.note_all()
        return self.score_weights

    # -- what experience says ---------------------------------------------------------------

    def record_performance(
        self, node_id: str, performance: float, capability: str | None = None, *, times: int = 1
    ) -> None:
        """Take note of how well a node did, exponentially forgetting the past.

        Args:
            node_id: The node.
            performance: 0 (useless) to 1 (perfect); values outside are clipped.
            capability: What it did; ``None`` for the node as a whole.
            times: How often in a row it did so.
        """
        success = min(1.0, max(0.0, performance))
        self.experience.note_success(node_id, success, capability, times=times)

    def record_run(self, node_id: str, capability: str, run_s: float, *, times: int = 1) -> None:
        """Take note of how long a handler ran, ``times`` in a row on the average; seconds."""
        self.experience.note_run(node_id, max(0.0, run_s), capability, times=times)

    def performance(self, node_id: str, capability: str | None = None) -> float:
        """The record of a node at a capability, 0 to 1; its general record where it has none."""
        return self.experience.record(node_id, capability)

    def forget_node(self, node_id: str) -> None:
        """Drop what is known of a node that will not come back."""
        self.experience.forget(node_id)
        self._affinities.pop(node_id, None)

    @property
    def changes(self) -> ChangeLog[str]:
        """Ids of the nodes that are judged differently than before."""
        return self.experience.changes

    # -- judgement --------------------------------------------------------------------------

    def offered(self, capabilities: Iterable[str]) -> frozenset[str]:
        """What a node with ``capabilities`` really offers: implied added, unsupported removed."""
        have = set(self._reachable(capabilities))
        while True:  # removing one may take away what another needs
            without = {name for name in have if not self._needs.get(name, frozenset()) <= have}
            if not without:
                return frozenset(have)
            have -= without

    def refusal(self, capabilities: Iterable[str], required: Collection[str]) -> str | None:
        """Why a node with ``capabilities`` cannot do what is ``required``, or ``None``."""
        stated = frozenset(capabilities)
        offered = self.offered(stated)
        missing = frozenset(required) - offered
        if not missing:
            return None
        reachable = self._reachable(stated)
        reasons = []
        for name in sorted(missing):
            if name in reachable:  # then it was taken away, for want of something
                lacking = self._needs[name] - offered
                reasons.append(f"offers {name} without {', '.join(sorted(lacking))} it needs")
            else:
                reasons.append(f"does not offer {name}")
        return " and ".join(reasons)

    def calculate_capability_score(
        self, node_caps: Iterable[str], required: Collection[str]
    ) -> float:
        """The weighted share of ``required`` that the node offers, 0 to 1; 1 if nothing is."""
        if not required:
            return 1.0
        offered = self.offered(node_caps)
        total = sum(self._weights.get(name, 1.0) for name in required)
        met = sum(self._weights.get(name, 1.0) for name in required if name in offered)
        return met / total

    def rank_nodes(
        self,
        nodes: Iterable[N],
        required: Collection[str],
        task_priority: float = 1.0,
    ) -> list[tuple[N, float, dict[str, float]]]:
        """Every node with its score and the factors of it, best first.

        ``score = capability_score ** 2 * (u * performance_score + (1 - u) * load_factor)``, with
        ``u = 0.5 + 0.04 * min(task_priority, 10)``: urgent work prefers proven nodes, patient
        work prefers idle ones. Squaring makes a node that lacks something lose to one that lacks
        nothing. Equal scores are ordered by node id, so that the order in which nodes joined
        decides nothing.

        Args:
            nodes: Whatever has an id, capabilities and a load.
            required: Capabilities.
            task_priority: 1 to 10.
        """
        urgency = 0.5 + 0.04 * min(max(task_priority, 0.0), 10.0)
        ranked = []
        for node in nodes:
            fit = self.calculate_capability_score(node.capabilities, required)
            factors = {
                "capability_score": fit,
                "load_factor": load_factor(node.current_load, capacity_of(node)),
                "performance_score": self._performance_at(node.node_id, required),
            }
            merit = (
                urgency * factors["performance_score"] + (1.0 - urgency) * factors["load_factor"]
            )
            ranked.append((node, fit * fit * merit, factors))
        return sorted(ranked, key=lambda entry: (-entry[1], entry[0].node_id))

    def factors(
        self,
        node_id: str,
        needs: Collection[str],
        task_type: str,
        *,
        health: float,
        attributes: Attributes,
        wishes: Wishes | None,
    ) -> Factors:
        """What a node that offers all that is needed is worth to such tasks, and why.

        Args:
            node_id: The node.
            needs: Every capability that is needed; the weakest decides.
            task_type: That of them whose run time counts.
            health: Of the node, 0 to 1.
            attributes: What it has declared.
            wishes: Of the tasks; ``None`` if they have none.
        """
        experience = self.experience
        affinities = self._affinities.get(node_id)
        # In the order of the fields, without their names, which would cost as much again.
        return Factors(
            1.0 if wishes is None else fit_of(unmet(wishes, attributes)),
            share_of(experience.success(node_id, *needs)),
            experience.speed(node_id, task_type),
            share_of(health),
            1.0 if affinities is None else 1.0 + affinities.get(task_type, 0.0),
        )

    def explain(
        self, node: Candidate, required: Collection[str], factors: Mapping[str, float]
    ) -> str:
        """One sentence on how ``node`` stands to ``required``."""
        if reason := self.refusal(node.capabilities, required):
            return f"{node.node_id} cannot: it {reason}"
        return (
            f"{node.node_id} can: record {factors['performance_score']:.2f}, "
            f"{factors['load_factor']:.0%} of it is free"
        )

    def _performance_at(self, node_id: str, required: Collection[str]) -> float:
        if not required:
            return self.performance(node_id)
        return min(self.performance(node_id, name) for name in required)

    def _reachable(self, stated: Iterable[str]) -> frozenset[str]:
        """Stated and implied capabilities, supported or not."""
        have = set(stated)
        unseen = list(have)
        while unseen:
            new = self._implied.get(unseen.pop(), frozenset()) - have
            have |= new
            unseen += new
        return frozenset(have)


def unmet(wishes: Wishes, attributes: Attributes) -> float:
    """The weights of the preferences that these attributes do not meet, added up."""
    return sum(
        weight * (1.0 - read_expression(text).worth(attributes))
        for text, weight in wishes.preferences
    )


def _several(what: str, names: Iterable[str]) -> frozenset[str]:
    if isinstance(names, str):  # it would be taken apart into its characters
        raise ConfigurationError(f"{what}: a set of names, not {shown(names)}")
    return frozenset(names)


def load_factor(current_load: float, capacity: float) -> float:
    """The free share of a node, 0 to 1."""
    if capacity <= 0.0:
        return 0.0
    return min(1.0, max(0.0, 1.0 - current_load / capacity))


def capacity_of(node: Candidate) -> float:
    """The load a node may carry, by whichever name it gives it."""
    match node:
        case MeshNode():
            return node.max_load
        case NodeAdvertisement():
            return node.load_capacity
        case _:
            return float(getattr(node, "max_load", 1.0))
