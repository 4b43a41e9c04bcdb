"""Work that takes hours, in portions: counted, kept, stopped and taken up again.

A portion is some seeds in a row and what they came to. Kept as a line of JSON each, portions of
several processes may share a file: each goes on after those that follow on from its first seed.
"""

from __future__ import annotations

import json
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import cognitive_architecture

from .drill import Drill, Progress

_PORTION_CPU_S: Final = 20.0
"""A portion is kept when it has taken so much."""
_FAULTS_KEPT: Final = 20


@dataclass(slots=True)
class Portion:
    """What some seeds in a row came to."""

    first: int
    after: int
    """The seed after the last one."""
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    """A sentence for each seed that went wrong."""
    cpu_s: float = 0.0
    code: int = 0
    """See ``code_print``."""


class Portions:
    """All portions of a run, those that were kept earlier included.

    Args:
        file: Where they are kept; nowhere if left out.
        first: The seed to begin with.
    """

    def __init__(self, file: Path | None, first: int) -> None:
        self.next_seed = first
        self._file = file
        self._code = code_print()
        self.all = list(_read(file)) if file is not None and file.exists() else []
        ends = {portion.first: portion.after for portion in self.all}
        while self.next_seed in ends:
            self.next_seed = ends[self.next_seed]

    @property
    def counts(self) -> Counter[str]:
        """The sum over all."""
        total: Counter[str] = Counter()
        for portion in self.all:
            total.update(portion.counts)  # not +: that drops what is 0
        return total

    @property
    def faults(self) -> list[str]:
        """What went wrong."""
        return [fault for portion in self.all for fault in portion.faults]

    @property
    def seeds(self) -> int:
        """How many were played."""
        return sum(portion.after - portion.first for portion in self.all)

    @property
    def cpu_s(self) -> float:
        """Seconds of CPU that all of them took."""
        return sum(portion.cpu_s for portion in self.all)

    @property
    def codes(self) -> int:
        """How many versions of the code were played: one, if nobody changed it in between."""
        return len({portion.code for portion in self.all})

    def run(
        self,
        play: Callable[[int], tuple[Counter[str], list[str]]],
        *,
        counted: str,
        wanted: int,
    ) -> None:
        """Play seed after seed until enough is counted, or somebody wants an end.

        Args:
            play: One seed: what it counted, and what went wrong.
            counted: Of the counts, the one that says how much there is.
            wanted: How much there is to be.
        """
        done = began_with = self.counts[counted]
        with Drill() as drill:
            if done:
                drill.say(f"going on at seed {self.next_seed} with {done:,} {counted} kept")
            progress = Progress(drill, wanted - done, counted)
            while done < wanted and not drill.was_stopped:
                portion = Portion(self.next_seed, self.next_seed, code=self._code)
                began_cpu = time.process_time()
                while done < wanted and portion.cpu_s < _PORTION_CPU_S and not drill.was_stopped:
                    counts, faults = play(portion.after)
                    portion.after += 1
                    portion.counts.update(counts)
                    portion.faults += faults
                    portion.cpu_s = time.process_time() - began_cpu
                    done += counts[counted]
                    for fault in faults:
                        drill.say(fault)
                    progress.reached(max(1, done - began_with))
                self._keep(portion)

    def _keep(self, portion: Portion) -> None:
        if portion.after == portion.first:
            return
        self.all.append(portion)
        self.next_seed = portion.after
        if self._file is not None:
            kept = {
                "first": portion.first,
                "after": portion.after,
                "counts": portion.counts,
                "faults": portion.faults[:_FAULTS_KEPT],
                "cpu_s": round(portion.cpu_s, 3),
                "code": portion.code,
            }
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(kept) + "\n")


def _read(file: Path) -> Iterator[Portion]:
    for line in file.read_text(encoding="utf-8").splitlines():
        kept = json.loads(line)
        yield Portion(**{**kept, "counts": Counter(kept["counts"])})


def code_print() -> int:
    """A number that changes with the package's source."""
    folder = Path(cognitive_architecture.__file__).parent
    print_ = 0
    for path in sorted(folder.rglob("*.py")):
        print_ = zlib.crc32(path.read_bytes(), print_)
    return print_
