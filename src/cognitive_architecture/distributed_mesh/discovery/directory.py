"""Which nodes are known, and who vouches for each; pure."""

from __future__ import annotations

import math

from cognitive_architecture.distributed_mesh.model import NodeAdvertisement
from cognitive_architecture.distributed_mesh.policies.naming import NAME_LENGTH_MAX, is_name
from cognitive_architecture.foundation.sentences import shown


class Directory:
    """Advertisements by node and by source.

    A node is there as long as any source vouches for it; what the last source said counts.
    """

    def __init__(self) -> None:
        self._by_node: dict[str, dict[str, tuple[NodeAdvertisement, float]]] = {}
        self._by_source: dict[str, set[str]] = {}

    def admit(self, advert: NodeAdvertisement, source: str, deadline: float) -> bool:
        """Let ``source`` vouch for a node until ``deadline``; whether the node is new."""
        is_new = advert.node_id not in self._by_node
        vouchers = self._by_node.setdefault(advert.node_id, {})
        vouchers.pop(source, None)  # so that the last word stands last
        vouchers[source] = (advert, deadline)
        self._by_source.setdefault(source, set()).add(advert.node_id)
        return is_new

    def withdraw(self, source: str, node_id: str | None = None) -> list[str]:
        """Let ``source`` vouch no more, for one node or for any; the nodes that are gone now."""
        vouched = self._by_source.get(source, set())
        wanted = vouched if node_id is None else vouched & {node_id}
        return [name for name in sorted(wanted) if self._drop(name, source)]

    def expire(self, now: float) -> list[str]:
        """Drop what is past its deadline; the nodes that are gone now."""
        overdue = [
            (node_id, source)
            for node_id, vouchers in self._by_node.items()
            for source, (_, deadline) in vouchers.items()
            if deadline <= now
        ]
        return [node_id for node_id, source in overdue if self._drop(node_id, source)]

    def vouched_by(self, source: str) -> frozenset[str]:
        """The nodes that ``source`` vouches for."""
        return frozenset(self._by_source.get(source, ()))

    def nodes(self) -> list[NodeAdvertisement]:
        """All nodes, by id."""
        return [
            next(reversed(vouchers.values()))[0] for _, vouchers in sorted(self._by_node.items())
        ]

    def _drop(self, node_id: str, source: str) -> bool:
        """Remove one voucher; whether it was the node's last."""
        vouchers = self._by_node[node_id]
        del vouchers[source]
        self._by_source[source].discard(node_id)
        if not self._by_source[source]:
            del self._by_source[source]
        if vouchers:
            return False
        del self._by_node[node_id]
        return True


def advert_refusal(advert: NodeAdvertisement) -> str | None:
    """Why an advertisement from outside cannot be believed, or ``None``."""
    if not is_name(advert.node_id):
        return f"node_id: 1 to {NAME_LENGTH_MAX} characters, not {shown(advert.node_id)}"
    offered: object = advert.capabilities
    if not isinstance(offered, frozenset | set) or not all(map(is_name, offered)):
        return f"capabilities: a set of names, not {shown(offered)}"
    if not 0.0 < _number(advert.ttl) <= 86_400.0:
        return f"ttl: seconds above 0 and up to 86,400, not {shown(advert.ttl)}"
    if not (0.0 <= _number(advert.load_capacity) < math.inf) or not (
        0.0 <= _number(advert.current_load) < math.inf
    ):
        return (
            "load_capacity and current_load: numbers from 0, "
            f"not {shown(advert.load_capacity)} and {shown(advert.current_load)}"
        )
    return None


def _number(value: object) -> float:
    """The value as it will travel; NaN, which lies in no range, for what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.nan
