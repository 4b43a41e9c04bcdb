"""What has been achieved since somebody looked last: for the economy of attention, in few numbers.

A report adds one number for each kind of task in it, however many tasks that are; whoever takes the
sums over does so about once a second. Nothing is counted while nobody wants to know.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

KINDS_MAX: Final = 10_000
"""Different kinds of deed that are told apart between two takings. Requesters name themselves, so
there may be any number of them; beyond this bound, theirs are counted as nobody's."""


class Deed(NamedTuple):
    """Who did what for whom."""

    node_id: str
    task_type: str
    requester: str | None


class Earnings:
    """Sums by kind of deed."""

    def __init__(self) -> None:
        self.accepted: dict[Deed, int] = {}
        """Results that were accepted."""
        self.failed: dict[Deed, int] = {}
        """Attempts that went wrong through the node: it failed, was too slow, or was lost."""
        self.concepts: dict[str, int] = {}
        """How often each concept was declared by a task whose result was accepted."""

    def __bool__(self) -> bool:
        return bool(self.accepted or self.failed)

    def accept(self, deed: Deed, times: int = 1) -> None:
        """Results of one kind were accepted."""
        _add(self.accepted, deed, times)

    def mention(self, concepts: Iterable[str]) -> None:
        """A result was accepted whose task declares these; beyond the bound, new ones are not."""
        for concept in concepts:
            if concept in self.concepts or len(self.concepts) < KINDS_MAX:
                self.concepts[concept] = self.concepts.get(concept, 0) + 1

    def fail(self, deed: Deed) -> None:
        """An attempt went wrong."""
        _add(self.failed, deed, 1)


def _add(sums: dict[Deed, int], deed: Deed, times: int) -> None:
    known = sums.get(deed)
    if known is None and len(sums) >= KINDS_MAX:
        deed = deed._replace(requester=None)
        known = sums.get(deed)
    sums[deed] = times if known is None else known + times
