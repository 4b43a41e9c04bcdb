"""What is known of how nodes did: whether it went well, how fast, and how sure that is.

Two figures are kept of each. The *record* follows every outcome. The *word* is what decisions see;
it follows the record in steps (a hundredth of success, a sixth of a run time), so that a steady
node is no news, and whoever keeps an order of nodes need not put it right after every task.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from typing import Final

from cognitive_architecture.foundation.change_log import ChangeLog

RECORD_OF_A_STRANGER: Final = 0.75
"""What a node without history counts as: below a proven one, above a failing one."""

RECORD_WEIGHT: Final = 0.1
"""How much one new outcome moves a record: after 7 outcomes half of the old record is gone."""

DOUBT_OF_A_STRANGER: Final = 0.25
"""How much better than its record a node may be of which nothing is known. With evidence of n
outcomes, which fades like the record, the doubt is this divided by ``sqrt(1 + n)``."""

RUNS_OF_THE_MEDIAN: Final = 2.0
"""A node's speed is judged as if it had run so many tasks at the median before its first."""

SPEED_GRAIN_S: Final = 0.01
"""Added to run times that are compared: below it, the difference is the machine's noise."""

NODES_MAX: Final = 200_000
"""Nodes of which something is kept; those known for longest are forgotten first."""

_STEP: Final = 0.01
_PACE_STEP: Final = 0.15
_MEDIAN_STEP: Final = 0.05


class _Record:
    """One node at one capability."""

    __slots__ = ("evidence", "run_s", "runs", "success", "word", "word_run_s")

    def __init__(self) -> None:
        self.success = RECORD_OF_A_STRANGER
        self.evidence = 0.0
        self.run_s = 0.0
        self.runs = 0.0
        self.word = _hopeful(RECORD_OF_A_STRANGER, 0.0)
        self.word_run_s = 0.0


class Experience:
    """The records of all nodes, by capability; ``None`` stands for the node as a whole."""

    def __init__(self) -> None:
        self.changes: ChangeLog[str] = ChangeLog()
        """Ids of the nodes whose word changed."""
        self._nodes: dict[str, dict[str | None, _Record]] = {}
        self._medians: dict[str, float] = {}
        self._measured: dict[str, int] = {}
        """Of how many nodes each median was taken."""
        self._moved: Counter[str] = Counter()
        """How many run times have moved since then, by capability."""

    # -- taking note ------------------------------------------------------------------------

    def note_success(
        self, node_id: str, success: float, capability: str | None, *, times: int
    ) -> None:
        """It did so well, so often in a row; 0 (useless) to 1 (perfect)."""
        record = self._record(node_id, capability)
        kept = (1.0 - RECORD_WEIGHT) ** times
        record.success = success + (record.success - success) * kept
        record.evidence = record.evidence * kept + (1.0 - kept) / RECORD_WEIGHT
        word = _hopeful(record.success, record.evidence)
        if abs(word - record.word) >= _STEP or (word == 1.0) != (record.word == 1.0):
            record.word = word
            self.changes.note(node_id)

    def note_run(self, node_id: str, run_s: float, capability: str, *, times: int) -> None:
        """Handlers ran so long on the average, so often in a row; seconds."""
        record = self._record(node_id, capability)
        kept = (1.0 - RECORD_WEIGHT) ** times if record.runs else 0.0
        record.run_s = run_s + (record.run_s - run_s) * kept
        record.runs = min(1.0 / RECORD_WEIGHT, record.runs + times)
        now, word = record.run_s + SPEED_GRAIN_S, record.word_run_s + SPEED_GRAIN_S
        if not record.word_run_s or abs(now - word) >= _PACE_STEP * word:
            record.word_run_s = record.run_s
            self._moved[capability] += 1
            self.changes.note(node_id)

    def settle_medians(self) -> None:
        """Compare nodes with each other anew, where enough of them have moved to matter.

        Called now and then: it looks at all nodes.
        """
        for capability, moved in list(self._moved.items()):
            if moved < _MEDIAN_STEP * self._measured.get(capability, 0):
                continue
            del self._moved[capability]
            times = [
                record.word_run_s
                for records in self._nodes.values()
                if (record := records.get(capability)) is not None and record.runs
            ]
            median = statistics.median(times) + SPEED_GRAIN_S if times else SPEED_GRAIN_S
            self._measured[capability] = len(times)
            before = self._medians.get(capability)
            if before is None or abs(median - before) >= _MEDIAN_STEP * before:
                self._medians[capability] = median
                self.changes.note_all()

    def forget(self, node_id: str) -> None:
        """Drop what is known of a node that will not come back."""
        if self._nodes.pop(node_id, None) is not None:
            self.changes.note(node_id)

    def _record(self, node_id: str, capability: str | None) -> _Record:
        records = self._nodes.get(node_id)
        if records is None:
            if len(self._nodes) >= NODES_MAX:
                self.forget(next(iter(self._nodes)))
            records = self._nodes[node_id] = {}
            if len(self.changes) > 2 * NODES_MAX:  # of nodes that were forgotten, too
                self.changes.note_all()
        record = records.get(capability)
        if record is None:
            record = records[capability] = _Record()
        return record

    # -- what is known ----------------------------------------------------------------------

    def record(self, node_id: str, capability: str | None) -> float:
        """How it did, 0 to 1: its general record where it has none of this capability."""
        known = self._known(node_id, capability)
        return RECORD_OF_A_STRANGER if known is None else known.success

    def success(self, node_id: str, *capabilities: str) -> float:
        """How well it may do at best, 0 to 1: its record, and the doubt that speaks for it.

        Judging by what may be, as bandits are played (upper confidence bounds), gives a new node
        its chance; every outcome makes the bound tighter. Of several capabilities that is meant at
        which it is worst.
        """
        records = self._nodes.get(node_id)
        if records is None:
            return _WORD_OF_A_STRANGER
        general = records.get(None)
        least = 1.0
        for capability in capabilities:  # without a generator: asked whenever a record has moved
            record = records.get(capability, general)
            word = _WORD_OF_A_STRANGER if record is None else record.word
            least = min(least, word)
        return least

    def speed(self, node_id: str, capability: str) -> float:
        """How fast it is: 1 like the median of those that did this, up to 2, down to 0.

        ``2 r / (1 + r)`` of the ratio ``r`` of the median's run time to its own.
        """
        records = self._nodes.get(node_id)
        record = None if records is None else records.get(capability)
        median = self._medians.get(capability)
        if record is None or not record.runs or median is None:
            return 1.0
        ratio = median / (record.word_run_s + SPEED_GRAIN_S)
        return 2.0 * ratio / (1.0 + ratio)

    def _known(self, node_id: str, capability: str | None) -> _Record | None:
        records = self._nodes.get(node_id)
        if records is None:
            return None
        return records.get(capability) or records.get(None)


def _hopeful(success: float, evidence: float) -> float:
    return min(1.0, success + DOUBT_OF_A_STRANGER / math.sqrt(1.0 + evidence))


_WORD_OF_A_STRANGER: Final = _hopeful(RECORD_OF_A_STRANGER, 0.0)
