"""Which node is left alone with which capability, because it fails at it.

           fails too often           open_s later              a task is sent
    CLOSED ───────────────▶ OPEN ─────────────────▶ HALF_OPEN ───────────────▶ PROBING
      ▲                      ▲                                                    │
      │                      └── it failed, or did not come back; open for longer ┤
      └───────────────────────────────────────── it succeeded ────────────────────┘

A node is judged at each capability by itself: one whose GPU has gone still counts words. Busy is
no failure (what is handed back counts nothing), nor is a task that fails for good wherever it is.
The last node that offers a capability is never left alone with it: tasks would wait for nothing. So
of those that offer it one circuit is always closed, also when the node that had it closed is gone.

A node that is much too slow does not fail. Its circuit is *on probation*: half open, one task at a
time however well they go, until it is as quick as its peers again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

IN_A_ROW: Final = 5
"""So many failures one after the other open a circuit."""

RATE: Final = 0.5
"""A failure rate from which a circuit opens, once there are enough attempts."""

_ATTEMPTS_MIN: Final = 20
_MEMORY: Final = 0.95
"""The rate speaks of about the last twenty attempts."""

OPEN_S: Final = 10.0
OPEN_MAX_S: Final = 300.0

_FAILED: Final = "it failed too often"


class NodeCircuitState(StrEnum):
    """Whether a node is given tasks that need a capability."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"
    """It may be given one."""
    PROBING = "probing"
    """It has been given that one."""


@dataclass(slots=True)
class NodeCircuit:
    """One node at one capability."""

    state: NodeCircuitState = NodeCircuitState.CLOSED
    in_a_row: int = 0
    attempts: int = 0
    rate: float = 0.0
    open_s: float = OPEN_S
    """For how long it opens next."""
    until: float = 0.0
    """OPEN, PROBING: the instant at which it is half open, or half open again."""
    on_probation: bool = False
    """What goes well does not close it."""
    why: str = _FAILED
    """Why it is not closed."""

    @property
    def is_shut(self) -> bool:
        """Whether nothing passes now."""
        return self.state in (NodeCircuitState.OPEN, NodeCircuitState.PROBING)


class NodeCircuits:
    """The circuits of all nodes that have failed at something."""

    def __init__(self) -> None:
        self._circuits: dict[tuple[str, str], NodeCircuit] = {}
        self.half_open: set[tuple[str, str]] = set()
        """Nodes and capabilities that are to be probed."""

    def succeeded(self, node_id: str, capability: str, times: int) -> NodeCircuitState | None:
        """Attempts went well; the state that a circuit comes into by that, if it is another one."""
        circuit = self._circuits.get((node_id, capability))
        if circuit is None or circuit.state is NodeCircuitState.OPEN:
            return None  # what began before it opened says nothing of the node as it is now
        if circuit.state is not NodeCircuitState.CLOSED:
            if circuit.on_probation:
                self._half_open((node_id, capability))
                return NodeCircuitState.HALF_OPEN
            self._drop((node_id, capability))
            return NodeCircuitState.CLOSED
        circuit.in_a_row = 0
        circuit.attempts += times
        circuit.rate *= _MEMORY**times
        return None

    def would_open_for_s(self, node_id: str, capability: str) -> float:
        """For how long one more failure would open the circuit; 0 if it would not."""
        circuit = self._circuits.get((node_id, capability)) or NodeCircuit()
        if circuit.state is NodeCircuitState.OPEN:
            return 0.0
        if circuit.state is not NodeCircuitState.CLOSED:
            return circuit.open_s
        is_often = circuit.attempts + 1 >= _ATTEMPTS_MIN and _one_more(circuit.rate) >= RATE
        return circuit.open_s if circuit.in_a_row + 1 >= IN_A_ROW or is_often else 0.0

    def failed(self, node_id: str, capability: str, now: float, *, opens: bool) -> None:
        """An attempt went wrong.

        Args:
            node_id: Whose.
            capability: At what.
            now: Instant.
            opens: The circuit is to open, as ``would_open_for_s`` proposed.
        """
        key = (node_id, capability)
        circuit = self._circuits.setdefault(key, NodeCircuit())
        circuit.in_a_row += 1
        circuit.attempts += 1
        circuit.rate = _one_more(circuit.rate)
        if opens:
            self.open(node_id, capability, _FAILED, now)

    def open(self, node_id: str, capability: str, why: str, now: float) -> float:
        """Leave the node alone with it; for how long from now on."""
        key = (node_id, capability)
        circuit = self._circuits.setdefault(key, NodeCircuit())
        if circuit.state is NodeCircuitState.OPEN:
            return circuit.until - now
        open_s = circuit.open_s
        circuit.state = NodeCircuitState.OPEN
        circuit.why = why
        circuit.until = now + open_s
        circuit.open_s = min(OPEN_MAX_S, 2.0 * open_s)
        self.half_open.discard(key)
        return open_s

    def try_again(self, node_id: str) -> bool:
        """The node shows that it is at work after all: let one through; whether any was open."""
        opened = [
            key
            for key, one in self._circuits.items()
            if key[0] == node_id and one.state is NodeCircuitState.OPEN
        ]
        for key in opened:
            self._half_open(key)
        return bool(opened)

    def put_on_probation(self, node_id: str, capability: str, why: str, *, probe_s: float) -> None:
        """Let one task at a time through, however well they go, until ``close``.

        Args:
            node_id: Whose circuit.
            capability: At what.
            why: Told to whoever asks why it gets no more.
            probe_s: A task that is not back after so long is followed by another.
        """
        circuit = self._circuits.setdefault((node_id, capability), NodeCircuit())
        circuit.on_probation = True
        circuit.why = f"one task at a time is enough to see, for {why}"
        circuit.open_s = min(OPEN_MAX_S, max(circuit.open_s, probe_s))
        if circuit.state is NodeCircuitState.CLOSED:
            self._half_open((node_id, capability))

    def why(self, node_id: str, capability: str) -> str:
        """Why a circuit is not closed; empty if it is."""
        is_closed = self.is_closed(node_id, capability)
        return "" if is_closed else self._circuits[node_id, capability].why

    def probe_sent(self, node_id: str, capability: str, now: float) -> None:
        """A half-open circuit lets one through, and nothing more until that is back or lost."""
        circuit = self._circuits[node_id, capability]
        circuit.state = NodeCircuitState.PROBING
        circuit.until = now + circuit.open_s
        self.half_open.discard((node_id, capability))

    def half_opened(self, now: float) -> list[str]:
        """The nodes of the circuits that are half open from now on."""
        due = [key for key, one in self._circuits.items() if one.is_shut and now >= one.until]
        for key in due:
            self._half_open(key)
        return sorted({node_id for node_id, _ in due})

    def shut(self, node_id: str) -> frozenset[str]:
        """The capabilities with which the node is left alone."""
        return frozenset(
            capability
            for (node, capability), one in self._circuits.items()
            if node == node_id and one.is_shut
        )

    def is_closed(self, node_id: str, capability: str) -> bool:
        """Whether nothing holds the node back from it."""
        circuit = self._circuits.get((node_id, capability))
        return circuit is None or circuit.state is NodeCircuitState.CLOSED

    def first_tried(self, node_ids: list[str], capability: str) -> str | None:
        """Of nodes none of which has its circuit closed, the one that is tried first."""
        if any(self.is_closed(node_id, capability) for node_id in node_ids):
            return None
        return min(
            node_ids,
            key=lambda node_id: (self._circuits[node_id, capability].until, node_id),
            default=None,
        )

    def close(self, node_id: str, capability: str) -> None:
        """Hold nothing against the node any more, at this."""
        self._drop((node_id, capability))

    def forget_node(self, node_id: str) -> None:
        """Drop a node that is gone."""
        for key in [key for key in self._circuits if key[0] == node_id]:
            self._drop(key)

    def _half_open(self, key: tuple[str, str]) -> None:
        self._circuits[key].state = NodeCircuitState.HALF_OPEN
        self.half_open.add(key)

    def _drop(self, key: tuple[str, str]) -> None:
        del self._circuits[key]
        self.half_open.discard(key)

    def to_json(self, now: float) -> list[dict[str, object]]:
        """Those that are not closed, by node and capability."""
        return [
            {
                "node_id": node_id,
                "capability": capability,
                "state": str(one.state),
                "why": one.why,
                "on_probation": one.on_probation,
                "tried_again_in_s": round(max(0.0, one.until - now), 1),
                "failure_rate": round(one.rate, 3),
            }
            for (node_id, capability), one in sorted(self._circuits.items())
            if one.state is not NodeCircuitState.CLOSED
        ]


def _one_more(rate: float) -> float:
    return 1.0 + (rate - 1.0) * _MEMORY
