"""What each kind of load test does, and what only it finds out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from cognitive_architecture.foundation.world import World

from .arrivals import Arrivals
from .chaos import ChaosMonkey
from .config import LoadTestConfig, LoadTestType
from .driver import Driver
from .latencies import Sample
from .machine import Meter
from .measurement import Measurement
from .stage import Stage

SAMPLE_SIZE: Final = 10_000
"""Latencies of a LATENCY test that are handed out; beyond, a fair sample of all."""

_STRESS_STEPS: Final = (0.125, 0.25, 0.5, 0.75, 1.0)
_ENDURANCE_WINDOWS: Final = 12
_ENOUGH: Final = 0.9
"""The share of the best throughput from which a step counts as as good: steps are short, and
machines wobble."""


@dataclass(slots=True)
class Bench:
    """Everything one load test works with."""

    config: LoadTestConfig
    world: World
    stage: Stage
    driver: Driver
    meter: Meter
    total: Measurement
    measurements: list[Measurement]
    """What the driver tells: the total, and the step that is being measured."""
    phase: str = "preparing"
    monkey: ChaosMonkey | None = None
    figures: dict[str, Any] = field(default_factory=dict)
    """What only this kind of test finds out; filled on the way, so that a test that fails shows
    what it had found."""


async def perform(bench: Bench) -> None:
    """Run the test."""
    config = bench.config
    if not config.has_chaos:
        await _DRILLS[config.test_type](bench)
        return
    bench.monkey = ChaosMonkey(bench.stage, rate=config.failure_injection_rate, world=bench.world)
    at_work = asyncio.create_task(bench.monkey.run())
    try:
        await _DRILLS[config.test_type](bench)
    finally:
        at_work.cancel()
        outcome = (await asyncio.gather(at_work, return_exceptions=True))[0]
        bench.figures["chaos"] = bench.monkey.to_dict()
    if isinstance(outcome, Exception):
        raise outcome  # without its monkey the test has shown nothing


async def _send(bench: Bench) -> None:
    """Send as the configuration says."""
    config = bench.config
    bench.phase = f"sending {config.tasks_per_second:g} tasks a second"
    arrivals = Arrivals(
        rate=config.tasks_per_second,
        duration_s=config.duration,
        up_s=config.ramp_up_time,
        down_s=config.ramp_down_time,
    )
    await bench.driver.send(arrivals, in_flight_max=config.concurrent_tasks)


async def _step(bench: Bench, drive: Callable[[], Awaitable[None]]) -> Measurement:
    """Measure a part of the test by itself."""
    step = Measurement(began=bench.world.clock.now())
    bench.measurements.append(step)
    try:
        await drive()
    finally:
        bench.measurements.remove(step)
    return step


async def _throughput(bench: Bench) -> None:
    await _send(bench)
    total = bench.total
    bench.figures |= {
        "offered_rate": bench.config.tasks_per_second,
        "kept_up": total.unsent == 0 and total.completed == total.sent,
    }


async def _latency(bench: Bench) -> None:
    chance = bench.world.rng("sample of latencies")
    sample = bench.total.sample = Sample(SAMPLE_SIZE, chance.randrange)
    await _send(bench)
    bench.figures |= {
        "latencies": sample.values,
        "avg_latency": bench.total.latencies.mean,
        "sampled_of": bench.total.completed,
    }


async def _scalability(bench: Bench) -> None:
    counts = _doubling(bench.config.target_nodes)
    duration_s = bench.config.duration / len(counts)
    places = bench.config.concurrent_tasks
    steps: list[dict[str, Any]] = []
    bench.figures["steps"] = steps
    for count in counts:
        bench.phase = f"{count} of {counts[-1]} temporary nodes"
        await bench.stage.grow_to(count)
        step = await _step(bench, partial(bench.driver.saturate, duration_s, in_flight_max=places))
        steps.append({"nodes": bench.stage.serving(), "temporary_nodes": count} | step.brief())
        first = steps[0]
        if first["throughput"] > 0:
            speedup = steps[-1]["throughput"] / first["throughput"]
            steps[-1]["speedup"] = speedup
            steps[-1]["efficiency"] = speedup * first["nodes"] / steps[-1]["nodes"]


async def _stress(bench: Bench) -> None:
    most = bench.config.concurrent_tasks
    levels = sorted({max(1, round(most * share)) for share in _STRESS_STEPS})
    duration_s = bench.config.duration / len(levels)
    steps: list[dict[str, Any]] = []
    bench.figures["steps"] = steps
    for level in levels:
        bench.phase = f"{level} of {most} tasks at once"
        step = await _step(bench, partial(bench.driver.saturate, duration_s, in_flight_max=level))
        steps.append({"concurrent_tasks": level} | step.brief())
        best = max(step["throughput"] for step in steps)
        bench.figures["best_throughput"] = best
        bench.figures["enough_concurrency"] = next(
            step["concurrent_tasks"] for step in steps if step["throughput"] >= _ENOUGH * best
        )


async def _endurance(bench: Bench) -> None:
    clock = bench.world.clock
    window_s = max(bench.config.duration / _ENDURANCE_WINDOWS, bench.config.metrics_interval)
    began = clock.now()
    windows: list[dict[str, Any]] = []
    bench.figures["windows"] = windows
    bench.measurements.append(Measurement(began=began))

    def close_window() -> None:
        now = clock.now()
        window = bench.measurements[-1]
        bench.measurements[-1] = Measurement(began=now)
        if window.completed:
            rss = bench.meter.rss_bytes()
            windows.append({"ends_at_s": now - began, "rss_bytes": rss} | window.brief())

    async def keep_windows() -> None:
        while True:
            await clock.sleep_until(clock.now() + window_s)
            close_window()

    keeping = asyncio.create_task(keep_windows())
    try:
        await _send(bench)
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        close_window()
        bench.measurements.pop()
        bench.figures |= trends(windows)


async def _chaos(bench: Bench) -> None:
    await _send(bench)
    bench.figures["lost"] = bench.total.lost


def trends(windows: list[dict[str, Any]]) -> dict[str, Any]:
    """Straight lines (least squares) through the windows of an endurance test.

    Returns:
        ``latency_change``: of the 95th percentile from beginning to end, as a share of its mean;
        ``rss_growth``: bytes a second. Both 0 with fewer than three windows, which show no trend.
    """
    times = [window["ends_at_s"] for window in windows]
    if len(times) < 3:
        return {"latency_change": 0.0, "rss_growth": 0.0}
    latencies = [window["p95_latency"] for window in windows]
    mean = sum(latencies) / len(latencies)
    rise = _slope(times, latencies) * (times[-1] - times[0])
    return {
        "latency_change": rise / mean if mean > 0 else 0.0,
        "rss_growth": _slope(times, [window["rss_bytes"] for window in windows]),
    }


def _slope(xs: list[float], ys: list[float]) -> float:
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - mean_x) ** 2 for x in xs)
    if spread == 0:
        return 0.0
    return sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / spread


def _doubling(most: int) -> list[int]:
    """1, 2, 4, … and ``most``."""
    counts = [1]
    while counts[-1] * 2 < most:
        counts.append(counts[-1] * 2)
    return counts if counts[-1] == most else [*counts, most]


_DRILLS: Final[dict[LoadTestType, Callable[[Bench], Awaitable[None]]]] = {
    LoadTestType.THROUGHPUT: _throughput,
    LoadTestType.LATENCY: _latency,
    LoadTestType.SCALABILITY: _scalability,
    LoadTestType.STRESS: _stress,
    LoadTestType.ENDURANCE: _endurance,
    LoadTestType.CHAOS: _chaos,
}
