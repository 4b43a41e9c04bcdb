"""What the figures of a load test mean, in sentences; pure.

A sentence is said only where a figure supports it, and names that figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from .config import LoadTestConfig, LoadTestType

_CPU_FULL: Final = 0.9
_TAIL: Final = 10.0
_GAIN_WORTH: Final = 1.1
"""Twice the nodes that bring less than this bring nothing."""
_LATENCY_RISE: Final = 0.25
_RSS_RISE: Final = 0.05
_MIB: Final = 1024 * 1024


def recommendations(
    config: LoadTestConfig, metrics: Mapping[str, Any], figures: Mapping[str, Any]
) -> list[str]:
    """What to do next.

    Args:
        config: Of the test.
        metrics: As ``Measurement.to_dict`` and ``Watch.to_dict`` give them.
        figures: What only this kind of test has found.
    """
    if not metrics["total_tasks_completed"]:
        return [_nothing_completed(metrics)]
    said = [*_trouble(config, metrics)]
    match config.test_type:
        case LoadTestType.THROUGHPUT | LoadTestType.LATENCY:
            said += _rate(config, metrics)
        case LoadTestType.SCALABILITY:
            said += _scaling(figures)
        case LoadTestType.STRESS:
            said += _stress(config, figures)
        case LoadTestType.ENDURANCE:
            said += _endurance(config, figures)
        case LoadTestType.CHAOS:
            pass
    if config.has_chaos:
        said += _chaos(metrics, figures)
    return [*said, *_machine(metrics)]


def _nothing_completed(metrics: Mapping[str, Any]) -> str:
    because = _first_reason(metrics)
    return f"No task of {metrics['total_tasks_due']} was completed{because}; nothing was measured."


def _first_reason(metrics: Mapping[str, Any]) -> str:
    reasons = metrics["reasons"]
    return f" (most often: {max(reasons, key=reasons.get)})" if reasons else ""


def _trouble(config: LoadTestConfig, metrics: Mapping[str, Any]) -> Iterator[str]:
    if lost := metrics["total_tasks_lost"]:
        yield (
            f"{lost} accepted tasks were lost. This must never happen: please report it, with "
            "this result and the log."
        )
    if failed := metrics["total_tasks_failed"]:
        yield f"{failed} tasks failed in all their attempts{_first_reason(metrics)}."
    if refused := metrics["total_tasks_refused"]:
        yield f"{refused} tasks were refused{_first_reason(metrics)}."
    if unfinished := metrics["total_tasks_unfinished"]:
        yield f"{unfinished} tasks were still open long after the last was sent, and cancelled."
    if unsent := metrics["total_tasks_unsent"]:
        yield (
            f"The mesh fell behind: {unsent} of {metrics['total_tasks_due']} tasks were due and "
            f"not sent, because all {config.concurrent_tasks} places were taken. The latencies "
            "are those of the tasks that were sent, so they look better than they are. Offer less "
            f"than {metrics['throughput']:.0f} tasks a second, add nodes, or allow more "
            "concurrent_tasks."
        )


def _rate(config: LoadTestConfig, metrics: Mapping[str, Any]) -> Iterator[str]:
    p50, p99 = metrics["p50_latency"], metrics["p99_latency"]
    if p99 > _TAIL * p50:
        yield (
            f"The slowest hundredth takes {p99 / p50:.0f} times as long as half of the tasks do "
            f"({_ms(p99)} against {_ms(p50)}): something stalls now and then, such as a full "
            "queue, a pause of a garbage collector, or another program."
        )
    elif metrics["success_rate"] == 1.0 and not metrics["total_tasks_unsent"]:
        yield (
            f"The mesh kept up with {config.tasks_per_second:g} tasks a second (half of them "
            f"within {_ms(p50)}, 99 % within {_ms(p99)}); its limit was not reached. Raise "
            "tasks_per_second, or run stress_test, to find it."
        )


def _scaling(figures: Mapping[str, Any]) -> Iterator[str]:
    steps = [step for step in figures.get("steps", ()) if step["throughput"] > 0]
    if len(steps) < 2:
        return
    best = max(steps, key=lambda step: step["throughput"])
    gain = best["throughput"] / steps[0]["throughput"]
    if gain < _GAIN_WORTH:
        yield (
            f"More nodes brought nothing: {steps[0]['throughput']:.0f} tasks a second with "
            f"{steps[0]['nodes']}, at best {best['throughput']:.0f} with {best['nodes']}."
        )
        return
    enough = next(s for s in steps if s["throughput"] >= 0.9 * best["throughput"])
    yield (
        f"Throughput grew {gain:.1f} times, from {steps[0]['throughput']:.0f} tasks a second with "
        f"{steps[0]['nodes']} to {best['throughput']:.0f} with {best['nodes']} nodes; "
        f"{enough['nodes']} reach 90 % of that."
    )


def _stress(config: LoadTestConfig, figures: Mapping[str, Any]) -> Iterator[str]:
    if "best_throughput" not in figures:
        return
    enough, best = figures["enough_concurrency"], figures["best_throughput"]
    if enough < config.concurrent_tasks:
        few = next(s for s in figures["steps"] if s["concurrent_tasks"] == enough)
        many = figures["steps"][-1]
        yield (
            f"{enough} tasks at once reach the limit of {best:.0f} a second; "
            f"{many['concurrent_tasks']} at once only wait longer (half of them "
            f"{_ms(many['p50_latency'])} instead of {_ms(few['p50_latency'])})."
        )
    else:
        yield (
            f"Throughput still grew at {config.concurrent_tasks} tasks at once ({best:.0f} a "
            "second): raise concurrent_tasks to find the limit."
        )


def _endurance(config: LoadTestConfig, figures: Mapping[str, Any]) -> Iterator[str]:
    windows = figures.get("windows", ())
    if len(windows) < 3:
        yield "The test was too short to show a trend: let it run for at least three windows."
        return
    rise = figures["latency_change"]
    if rise > _LATENCY_RISE:
        yield f"The 95th percentile rose by {rise:.0%} of its mean from beginning to end."
    growth = figures["rss_growth"] * config.duration
    if growth > _RSS_RISE * windows[0]["rss_bytes"]:
        per_hour = figures["rss_growth"] * 3600 / _MIB
        yield (
            f"Memory of this process grew by {growth / _MIB:.0f} MiB, {per_hour:.0f} MiB an hour. "
            "A memory store keeps ended tasks for store.ended_kept_s; see whether the growth "
            "stops once that time is over, and lower it if memory is short."
        )
    elif rise <= _LATENCY_RISE:
        yield f"Neither latency nor memory crept up in {config.duration:g} s."


def _chaos(metrics: Mapping[str, Any], figures: Mapping[str, Any]) -> Iterator[str]:
    chaos = figures.get("chaos", {})
    crashes = chaos.get("failures_injected", 0)
    if not crashes:
        yield (
            "No node was crashed: the test was too short for failure_injection_rate, or there was "
            "only one node. It says nothing about failures."
        )
    elif not metrics["total_tasks_lost"]:
        yield (
            f"{crashes} nodes crashed while they held {chaos['tasks_interrupted']} tasks, and no "
            f"accepted task was lost; each crash was noticed within {_ms(chaos['noticed_max'])} "
            f"and repaired within {_ms(chaos['replaced_max'])}. They were nodes inside this "
            "process: a machine that dies or a cable that is cut is noticed later, at the latest "
            "after node_silence_max_s."
        )
    if crashes and not chaos["tasks_interrupted"]:
        yield (
            "No crash hit a node at work, so this test says little: raise tasks_per_second or "
            "task_complexity."
        )


def _machine(metrics: Mapping[str, Any]) -> Iterator[str]:
    if metrics["average_cpu_usage"] >= _CPU_FULL:
        yield (
            f"This machine was busy ({metrics['average_cpu_usage']:.0%} of its CPU on average), "
            "load generator included: the figures show its limit more than the mesh's."
        )
    elif metrics["average_process_cores"] >= _CPU_FULL:
        yield (
            f"This process kept {metrics['average_process_cores']:.2f} cores busy: hosted nodes, "
            "orchestrator and load generator share one interpreter. Nodes in processes of their "
            "own (cogmesh node) can use the other cores."
        )


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.3g} ms" if seconds < 1.0 else f"{seconds:.3g} s"
