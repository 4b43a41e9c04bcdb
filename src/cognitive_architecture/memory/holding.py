"""What a memory node may say of its shards: that it has all there is of them, or who is missing.

    owned, ──every other memory node was asked for what it has,
             and one of them had all, or nobody is missing──▶ complete

A node that starts has slept, and knows nothing of what was written meanwhile: it is complete for
nothing. It is asked all the same, for what it has is right; only *there is no more* cannot be said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet

from .identity import SHARDS
from .owners import owners


class Holding:
    """The shards of one memory node, as long as its process lives.

    Args:
        name: Of the node.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.view: frozenset[str] = frozenset()
        """The memory nodes that are there, as this one knows it; none before it has looked."""
        self.owned: frozenset[int] = frozenset()
        self.complete: frozenset[int] = frozenset()
        self.missing: dict[int, frozenset[str]] = {}
        """Of shards that cannot be complete: which nodes might know more of them."""

    def adopt(self, view: AbstractSet[str]) -> bool:
        """Act on who is there from now on.

        What was complete and stays owned is complete: every write since then came here.

        Returns:
            Whether that is news.
        """
        view = frozenset(view)
        if view == self.view:
            return False
        self.view = view
        self.owned = frozenset(shard for shard in range(SHARDS) if self.name in owners(shard, view))
        self.complete &= self.owned
        self.missing = {}
        return True

    @property
    def incomplete(self) -> frozenset[int]:
        """Shards that it owns and cannot speak of as a whole."""
        return self.owned - self.complete

    def settle(
        self, complete_elsewhere: Iterable[Collection[int]], roster: AbstractSet[str]
    ) -> frozenset[int]:
        """Everything that the others of the view have was fetched: judge what that is worth.

        Args:
            complete_elsewhere: The shards that each of them was complete for before that.
            roster: All memory nodes that there have ever been.

        Returns:
            Shards that have become complete.
        """
        absent = frozenset(roster - self.view)
        told = frozenset(shard for shards in complete_elsewhere for shard in shards)
        new = self.incomplete if not absent else self.incomplete & told
        self.complete |= new
        self.missing = dict.fromkeys(self.incomplete, absent)
        return new
