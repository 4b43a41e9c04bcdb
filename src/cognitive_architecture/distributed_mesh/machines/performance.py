"""How long attempts take, by capability and node; what is usual, and who is unusual."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from cognitive_architecture.distributed_mesh.policies.histogram import Histogram, merged

_FADE_AT: Final = 1024
"""Attempts of one node at one capability after which the older half counts half."""

_LOOKED_AT_MAX: Final = 16
"""Attempts of one report that are looked at."""

_CAPABILITIES_MAX: Final = 1000
"""Kinds of work that are followed; a requester may make up any number of names."""


_SUCCESS_MEMORY: Final = 0.99
"""How much of the success rate each further attempt leaves: it speaks of about the last 100."""

_ERROR_MEMORY: Final = 0.95
"""The same for the error rate: it speaks of about the last 20."""


class Rates:
    """How often the attempts of a node go well."""

    __slots__ = ("error", "success")

    def __init__(self) -> None:
        self.success = 1.0
        """Of about the last 100 attempts, 0 to 1."""
        self.error = 0.0
        """Of about the last 20 attempts, 0 to 1."""

    def went(self, *, well: bool, times: int) -> None:
        """So many attempts in a row went so."""
        success, error = (1.0, 0.0) if well else (0.0, 1.0)
        self.success = success + (self.success - success) * _SUCCESS_MEMORY**times
        self.error = error + (self.error - error) * _ERROR_MEMORY**times


class Performance:
    """Durations of the attempts that went well, and when each node last finished one."""

    def __init__(self) -> None:
        self._durations: dict[str, dict[str, Histogram]] = {}
        """By capability and node; seconds."""
        self._finished_at: dict[str, float] = {}
        self._rates: dict[str, Rates] = {}
        self._changed: dict[str, set[str]] = {}
        """Capabilities of each node since it was last asked for."""

    def completed(self, node_id: str, capability: str, runs: Sequence[float]) -> None:
        """Attempts that were reported together went well.

        Of many, every so manieth is looked at and counts for its neighbours: short tasks come by
        the hundred, and looking at each would cost more than handing it out.

        Args:
            node_id: Who did them.
            capability: What was done.
            runs: Seconds that each ran, in the order in which they ended.
        """
        by_node = self._durations.get(capability)
        if by_node is None:
            if len(self._durations) >= _CAPABILITIES_MAX:
                return
            by_node = self._durations[capability] = {}
        histogram = by_node.get(node_id)
        if histogram is None:
            histogram = by_node[node_id] = Histogram(fade_at=_FADE_AT)
        if len(runs) <= _LOOKED_AT_MAX:
            for run_s in runs:
                histogram.add(run_s)
            return
        begins = [place * len(runs) // _LOOKED_AT_MAX for place in range(_LOOKED_AT_MAX + 1)]
        for begin, end in pairwise(begins):
            histogram.add(runs[begin], end - begin)

    def reported(self, node_id: str, completed: Mapping[str, int], failed: int, now: float) -> None:
        """A node reported outcomes: how often it completed what, and how many attempts failed."""
        self._finished_at[node_id] = now
        self._changed.setdefault(node_id, set()).update(completed)
        rates = self.rates(node_id)
        if completed:
            rates.went(well=True, times=sum(completed.values()))
        if failed:
            rates.went(well=False, times=failed)

    def rates(self, node_id: str) -> Rates:
        """How often the attempts of a node go well."""
        rates = self._rates.get(node_id)
        if rates is None:
            rates = self._rates[node_id] = Rates()
        return rates

    def mean_s(self, node_id: str) -> float:
        """Mean duration of a node's attempts at everything it does; 0 of none."""
        own = [by_node[node_id] for by_node in self._durations.values() if node_id in by_node]
        count = sum(histogram.count for histogram in own)
        return sum(histogram.total for histogram in own) / count if count else 0.0

    def last_outcome_at(self, node_id: str, joined_at: float) -> float:
        """When a node last finished something; when it joined, if it has not yet."""
        return max(joined_at, self._finished_at.get(node_id, joined_at))

    def usual(self, capability: str) -> Histogram:
        """Durations of all nodes together."""
        return merged(self._durations.get(capability, {}).values())

    def lately_by(self, node_id: str) -> Iterator[tuple[str, Mapping[str, Histogram]]]:
        """What a node has done since this was last asked, each with the durations by node."""
        for capability in sorted(self._changed.pop(node_id, ())):
            if (durations := self._durations.get(capability)) is not None:
                yield capability, durations

    def begin_anew(self, node_id: str, capability: str) -> None:
        """Judge a node at a capability by what it does from now on."""
        if (by_node := self._durations.get(capability)) is not None:
            by_node.pop(node_id, None)

    def forget_node(self, node_id: str) -> None:
        """Drop a node that is gone."""
        self._finished_at.pop(node_id, None)
        self._changed.pop(node_id, None)
        self._rates.pop(node_id, None)
        for by_node in self._durations.values():
            by_node.pop(node_id, None)

    def to_json(self) -> dict[str, Any]:
        """By capability: of all nodes together, and by node."""
        return {
            capability: {
                "all": self.usual(capability).to_json(),
                "nodes": {
                    node_id: histogram.to_json() for node_id, histogram in sorted(by_node.items())
                },
            }
            for capability, by_node in sorted(self._durations.items())
            if by_node
        }
