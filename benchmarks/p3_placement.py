"""How long it takes to choose a node, from 10 to 100,000 nodes.

The real dispatch machine, without disk and network: nodes join, tasks wait, `assign` hands them
out. Half of all slots are taken, so about every node could be chosen. Between decisions nodes
report (one in fifty attempts fails, run times differ, so records and speeds move) and send
heartbeats with changing health; nothing of that is counted in a decision, but what follows from it
is: the index of the class is put right when it is asked.

* ``decisions``: tasks handed out a second at 5,000 nodes, 64 of them waiting at a time.
* ``p50_N``, ``p99_N``: microseconds of one decision with N nodes and one waiting task, as `assign`
  takes it: compare what changed, choose, lease, write the message.
* ``cycles``: decisions a second at 5,000 nodes when the reports and submissions between them are
  counted as well.
* ``brute_force_N``: microseconds of asking every node instead, with the same formula.

The exponent is the slope of log(p50) against log(nodes): 0 is a constant, 1 is proportional.
"""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Iterator
from itertools import count

import numpy as np
from rich.console import Console

from cognitive_architecture.distributed_mesh.machines import events
from cognitive_architecture.distributed_mesh.machines.dispatch import DispatchMachine
from cognitive_architecture.distributed_mesh.machines.effects import Effect, Tell, Write
from cognitive_architecture.distributed_mesh.messages import Assign, Outcome, OutcomeKind, Vitals
from cognitive_architecture.distributed_mesh.model import TaskSpec
from cognitive_architecture.distributed_mesh.policies.matching import CapabilityMatcher
from cognitive_architecture.distributed_mesh.policies.scheduling import AgeingOrder
from cognitive_architecture.foundation.settings import DispatchSettings

from .report import Options, Report, percentile

SIZES = (10, 100, 1_000, 5_000, 10_000, 100_000)
THE_SIZE = 5_000
DECISIONS = 20_000
BURST = 64
SLOTS = 4
GOAL_DECISIONS = 100_000
GOAL_P99_US = {1_000: 50.0, 100_000: 200.0}


def measure(options: Options) -> Report:
    """Measure every size in every round, so that a slow minute slows all of them."""
    console = Console()
    meshes = {}
    for size in SIZES:
        console.print(f"{size:,} nodes join")
        meshes[size] = Mesh(size)
    gc.set_threshold(50_000, 20, 100)  # as `cogmesh up` does
    gc.collect()
    gc.freeze()  # the largest mesh would be searched for cycles while the smallest is measured
    rounds: dict[str, list[float]] = {"decisions": []}
    for number in range(1, options.pairs + 1):
        for size, mesh in meshes.items():
            mesh.measure(options.scaled(DECISIONS), rounds)
            console.print(
                f"round {number}/{options.pairs}  {size:>7,} nodes  "
                f"p50 {rounds[f'p50_{size}'][-1]:6.1f} us  p99 {rounds[f'p99_{size}'][-1]:6.1f} us"
                f"  brute force {rounds[f'brute_force_{size}'][-1]:10.1f} us"
            )
        console.print(
            f"round {number}/{options.pairs}  {rounds['decisions'][-1]:,.0f} decisions/s, "
            f"{rounds['cycles'][-1]:,.0f} cycles/s at {THE_SIZE:,} nodes"
        )
    times = [statistics.median(rounds[f"p50_{size}"]) for size in SIZES]
    rounds["exponent"] = [float(np.polyfit(np.log(SIZES), np.log(times), 1)[0])]
    console.print(f"exponent: {rounds['exponent'][0]:.3f}")
    return Report(
        "decisions",
        "decisions/s",
        rounds,
        met=statistics.median(rounds["decisions"]) >= GOAL_DECISIONS
        and all(statistics.median(rounds[f"p99_{n}"]) <= us for n, us in GOAL_P99_US.items()),
        config={"sizes": SIZES, "slots": SLOTS, "burst": BURST, "decisions": DECISIONS},
    )


class Mesh:
    """The machine, nodes that report when they are told to, and tasks without end."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.now = 0.0
        self.machine = DispatchMachine(
            DispatchSettings(node_silence_s=3600.0),
            epoch=1,
            last_serial=0,
            order=AgeingOrder(30.0),
            matcher=CapabilityMatcher(),
            chance=lambda: 0.5,
        )
        self.rng = random.Random(size)
        self.numbers: Iterator[int] = count(1)
        self.done = [0] * size
        self.pace = [self.rng.lognormvariate(-3.0, 0.5) for _ in range(size)]
        self.running: list[tuple[int, int]] = []
        """Node and lease of every attempt, in no order."""
        for number in range(size):
            self._handle(
                events.NodeArrived(
                    f"node/n{number}~1", f"n{number}", "agent", frozenset({"work"}),
                    SLOTS, SLOTS, 0, [], {},
                )
            )  # fmt: skip
        while len(self.running) < size * SLOTS // 2:
            self.submit(min(BURST, size))
            self.assign()

    # -- what happens between decisions ------------------------------------------------------

    def submit(self, tasks: int) -> None:
        """So many tasks wait."""
        specs = [TaskSpec(f"t{next(self.numbers)}", "work", b"\x80") for _ in range(tasks)]
        self._handle(events.TasksSubmitted("client/a~1", 1, specs, True))

    def report(self) -> None:
        """A node has done one of its tasks."""
        place = self.rng.randrange(len(self.running))
        node, lease = self.running[place]
        self.running[place] = self.running[-1]
        self.running.pop()
        self.done[node] += 1
        fails = self.rng.random() < 0.02
        outcome = Outcome(
            lease,
            OutcomeKind.FAILED_FOR_GOOD if fails else OutcomeKind.COMPLETED,
            None if fails else b"\xc0",
            self.pace[node] * self.rng.lognormvariate(0.0, 0.2),
            "it broke" if fails else None,
        )
        self._handle(
            events.NodeReported(
                f"node/n{node}~1", self.done[node], self.done[node] + SLOTS, [outcome]
            )
        )

    def beat(self) -> None:
        """A node says how it is."""
        node = self.rng.randrange(self.size)
        seat = self.machine.board.roster.by_node[f"n{node}"]
        health = 1.0 - 0.5 * self.rng.random() ** 4
        held = list(seat.leases)
        self._handle(
            events.NodeMeasured(seat.address, Vitals(), health, seat.granted, seat.sent, held, [])
        )

    def assign(self) -> float:
        """Hand out what waits; how many seconds that took."""
        began = time.perf_counter()
        effects = self.machine.assign(self.now)
        spent = time.perf_counter() - began
        for effect in effects:
            if isinstance(effect, Tell) and isinstance(effect.message, Assign):
                node = int(effect.address[6:-2])
                self.running += [(node, a.lease) for a in effect.message.assignments]
        return spent

    def _handle(self, event: events.Event) -> None:
        pending: list[Effect] = list(self.machine.handle(event, self.now))
        tickets = [effect.ticket for effect in pending if isinstance(effect, Write)]
        if tickets:
            self.machine.handle(events.Written(tickets, {}), self.now)

    # -- measuring ---------------------------------------------------------------------------

    def measure(self, decisions: int, rounds: dict[str, list[float]]) -> None:
        """One waiting task at a time; at the size of the goal also many at a time."""
        spent = []
        for number in range(decisions):
            self.report()
            if number % 10 == 0:
                self.beat()
            if number % 1000 == 0:
                self.machine.board.matcher.experience.settle_medians()
            self.submit(1)
            spent.append(self.assign() * 1e6)
        spent.sort()
        rounds.setdefault(f"p50_{self.size}", []).append(percentile(spent, 0.5))
        rounds.setdefault(f"p99_{self.size}", []).append(percentile(spent, 0.99))
        rounds.setdefault(f"brute_force_{self.size}", []).append(self._brute_force_us())
        if self.size == THE_SIZE:
            self._measure_bursts(decisions, rounds)

    def _measure_bursts(self, decisions: int, rounds: dict[str, list[float]]) -> None:
        bursts = max(1, decisions // BURST)
        assigning = 0.0
        began = time.perf_counter()
        for _ in range(bursts):
            for _ in range(BURST):
                self.report()
            self.submit(BURST)
            assigning += self.assign()
        rounds["decisions"].append(bursts * BURST / assigning)
        whole = time.perf_counter() - began
        rounds.setdefault("cycles", []).append(bursts * BURST / whole)

    def _brute_force_us(self) -> float:
        board = self.machine.board
        lane = board.lane(TaskSpec("t", "work", b"\x80"))
        merit = board.classes.merit(lane.needs)
        times = []
        for _ in range(3):
            began = time.perf_counter()
            best = min(
                (-merit(seat) / (1.0 + seat.load), seat.node_id)
                for seat in board.roster
                if seat.room > 0 and board.classes.refusal(seat, lane.needs) is None
            )
            times.append((time.perf_counter() - began) * 1e6)
            board.classes.take_in_records()
            found = lane.seats.best()
            assert found is not None
            assert found.node_id == best[1], "the index and brute force disagree"
        return statistics.median(times)
