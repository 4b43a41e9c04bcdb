"""All benchmarks, built or not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One row of the goals."""

    id: str
    title: str
    goal: str
    module: str | None = None
    """Module of this package with ``measure(options) -> Report``; ``None``: not built yet."""


_ALL = (
    Benchmark(
        "P1",
        "durable no-op tasks per second, end to end",
        ">= 50,000/s batched; >= 20,000/s with 256 in flight; >= 30x Ray, >= 50x Celery",
        "p1_throughput",
    ),
    Benchmark(
        "P2",
        "submit to result, one task",
        "p50 <= 1 ms, p99 <= 2.5 ms; at 5,000/s p99 <= 5 ms",
        "p2_latency",
    ),
    Benchmark(
        "P3",
        "placement decision over all nodes, exact",
        ">= 100k/s at 5,000 nodes; p99 <= 50 us at 1,000 and <= 200 us at 100,000 nodes",
        "p3_placement",
    ),
    Benchmark(
        "P4",
        "re-prioritising",
        ">= 200k changes/s with 1,000,000 queued, no inversion; <= 1 KB memory a task",
        "p4_reprioritise",
    ),
    Benchmark("P5", "restart with 1,000,000 open tasks", "ready <= 10 s", "p5_restart"),
    Benchmark(
        "A1",
        "share error between requesters",
        "< 1 L both ways; Jain >= 0.999",
        "a1_share",
    ),
    Benchmark(
        "A2",
        "fund conservation",
        "0 uSTI over 10^9 randomized operations",
        "a2_funds",
    ),
    Benchmark(
        "A3",
        "attention cycle, 100k atoms, 1M Hebbian links",
        "<= 20 ms",
        "a3_attention_cycle",
    ),
    Benchmark(
        "A4",
        "AtomSpace",
        ">= 250k links/s, >= 300k matches/s, join <= 3 ms, <= 400 B",
        "a4_atomspace",
    ),
    Benchmark("D1", "50 nodes on one network see each other", "p99 <= 150 ms"),
    Benchmark("D2", "join to first task", "p99 <= 100 ms"),
    Benchmark(
        "F1",
        "killed process noticed / tasks elsewhere; supervised restart to first task",
        "<= 50 ms / <= 250 ms p99; <= 1 s",
        "f1_kills",
    ),
    Benchmark(
        "F2",
        "cut cable or frozen process noticed, tasks elsewhere",
        "<= 1.5 s p99, both directions",
        "f2_cuts",
    ),
    Benchmark("F3", "false positives", "0 in 10^6 simulated node-hours", "f3_false_positives"),
    Benchmark(
        "F4",
        "acknowledged tasks lost / accepted twice",
        "0 / 0 in 10^7 attempts",
        "f4_nothing_lost",
    ),
    Benchmark(
        "F4-KILLS",
        "the same with real processes: SIGKILL of nodes and orchestrators under load",
        "0 lost, 0 accepted twice in 1,000 kills",
        "f4_real_kills",
    ),
    Benchmark(
        "F5",
        "simulation",
        ">= 1,000x at 5 nodes; >= 95 % of planted bugs found",
        "f5_simulation",
    ),
    Benchmark(
        "F-MEMORY",
        "memory of an orchestrator and a node over many tasks",
        "flat over 1,000,000 tasks: <= 8 bytes a task",
        "f_memory",
    ),
    Benchmark("F6", "cancel a running task", "10,000/10,000, <= 50 ms", "f6_cancels"),
    Benchmark("K1", "gateway overhead", "<= 2 ms p50, <= 5 ms p99"),
    Benchmark("K2", "stream survives its node's death", "1,000/1,000, gap <= 1 s"),
    Benchmark("K3", "warm-prefix hits", ">= 95 % of returning stories"),
    Benchmark("L1", "load generator", "send-time error p99 <= 200 us, >= 40k tasks/s offered"),
    Benchmark("L2", "chaos: 50 nodes, one fault a second, one hour", ">= 99.99 % in deadline"),
)

CATALOGUE = {benchmark.id: benchmark for benchmark in _ALL}
