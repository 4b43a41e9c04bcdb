"""A priority queue for what mostly comes in the order in which it goes.

Tasks of one priority wait in the order in which they came, and leases with one timeout end in the
order in which they were given. What comes after everything before it is appended to a run, which
costs one comparison to put in and one to take out; only what comes out of order goes into a heap.
Taking from a heap of 20,000 costs fifteen comparisons, more than all else that is done to hand out
a task.

Items that nobody wants any more stay until they come to the front or are swept out, a few at a
time: a million of them looked at in one go would stop an orchestrator for more than a second.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, Generic, Protocol, TypeVar


class Sortable(Protocol):
    """What has an order."""

    def __lt__(self, other: Any, /) -> bool:
        """Whether it goes before the other."""
        ...


T = TypeVar("T", bound=Sortable)


class NearlySorted(Generic[T]):
    """Items that can be compared; the smallest goes first."""

    __slots__ = ("_heap", "_is_sweeping", "_old_heap", "_old_run", "_run")

    def __init__(self) -> None:
        self._run: deque[T] = deque()
        self._heap: list[T] = []
        self._is_sweeping = False
        self._old_run: deque[T] = deque()
        """What is still to be swept; nothing in the run goes before anything in here."""
        self._old_heap: list[T] = []

    def __len__(self) -> int:
        return len(self._run) + len(self._heap) + len(self._old_run) + len(self._old_heap)

    def __iter__(self) -> Iterator[T]:
        """All of them, in no order."""
        return chain(self._run, self._heap, self._old_run, self._old_heap)

    def push(self, item: T) -> None:
        """Put an item in."""
        run = self._run
        if run and item < run[-1]:
            heapq.heappush(self._heap, item)
        else:
            run.append(item)

    def push_all(self, items: Iterable[T]) -> None:
        """Put several in."""
        run, heap = self._run, self._heap
        push = heapq.heappush
        for item in items:
            if run and item < run[-1]:
                push(heap, item)
            else:
                run.append(item)

    @property
    def first(self) -> T | None:
        """The smallest; ``None`` if there is nothing."""
        if self._is_sweeping:
            # Of equals the one in the old run, or the new one might become empty before it.
            all_four = (self._old_run, self._run, self._old_heap, self._heap)
            return min((items[0] for items in all_four if items), default=None)
        run, heap = self._run, self._heap
        if not heap:
            return run[0] if run else None
        return heap[0] if not run or heap[0] < run[0] else run[0]

    def pop(self) -> T:
        """Take the smallest out.

        Raises:
            IndexError: There is nothing.
        """
        if self._is_sweeping:
            return self._pop_of_four()
        run, heap = self._run, self._heap
        if heap and (not run or heap[0] < run[0]):
            return heapq.heappop(heap)
        return run.popleft()

    def _pop_of_four(self) -> T:
        first = self.first
        old, run = self._old_run, self._run
        if old and old[0] is first:
            return old.popleft()
        if run and run[0] is first:
            return run.popleft()
        is_old = bool(self._old_heap) and self._old_heap[0] is first
        return heapq.heappop(self._old_heap if is_old else self._heap)

    def sweep(self, is_wanted: Callable[[T], bool], looks: int, *, most: int) -> None:
        """Drop what is not wanted if there are more items than ``most``, and look only at a few.

        Once begun, each call goes on until every item has been looked at. With ``looks`` a small
        multiple of what was put in since the last call, what is not wanted cannot pile up.

        Args:
            is_wanted: Whether an item is to stay.
            looks: At how many items, 1 or more.
            most: With so many items it is not worth the trouble to begin.
        """
        if not self._is_sweeping:
            if len(self._run) + len(self._heap) <= most:
                return
            self._is_sweeping = True
            self._old_run, self._run = self._run, self._old_run
            self._old_heap, self._heap = self._heap, self._old_heap
        from_run = min(looks, len(self._old_run))
        for _ in range(from_run):
            item = self._old_run.pop()
            # The last of the run stays, wanted or not: it says where the run ends.
            if is_wanted(item) or not self._run:
                self._run.appendleft(item)
        for _ in range(min(looks - from_run, len(self._old_heap))):
            item = self._old_heap.pop()  # a leaf, so the rest is a heap still
            if is_wanted(item):
                heapq.heappush(self._heap, item)
        self._is_sweeping = bool(self._old_run or self._old_heap)
