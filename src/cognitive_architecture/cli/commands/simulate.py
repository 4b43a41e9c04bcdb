"""``cogmesh simulate``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress

from cognitive_architecture.cli.options import JsonOption
from cognitive_architecture.cli.outcomes import ExitCode, WrongUsage
from cognitive_architecture.cli.rendering import (
    duration,
    listed,
    may_animate,
    notices,
    plural,
    print_json,
    results,
)
from cognitive_architecture.foundation.world import RealClock

if TYPE_CHECKING:
    from cognitive_architecture.simulation import Plan, Verdict

_JOBS_MAX = 256


@dataclass(frozen=True, slots=True)
class _Kind:
    """What plans are drawn."""

    nodes: int | None
    hours: float | None
    dense: bool


@dataclass(slots=True)
class _Found:
    """What many runs came to."""

    seeds: int = 0
    virtual_s: float = 0.0
    attempts: int = 0
    broken: list[dict[str, Any]] = field(default_factory=list)


def simulate(
    *,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="N", help="Play this one, and tell what happened in it."),
    ] = None,
    seeds: Annotated[
        int, typer.Option("--seeds", metavar="N", min=1, help="Play so many, from 0 on.")
    ] = 100,
    first: Annotated[
        int, typer.Option("--first", metavar="N", help="Begin with this one instead of 0.")
    ] = 0,
    nodes: Annotated[
        int | None,
        typer.Option("--nodes", metavar="N", min=1, max=1000, show_default="1 to 5, by the seed"),
    ] = None,
    hours: Annotated[
        float | None,
        typer.Option(
            "--hours",
            metavar="H",
            min=0.001,
            help="Virtual hours in which there is work and trouble.",
            show_default="less than a minute, by the seed",
        ),
    ] = None,
    dense: Annotated[
        bool,
        typer.Option(
            "--dense", help="Few kinds of tasks, but thousands of them at once, on larger nodes."
        ),
    ] = False,
    schedule: Annotated[
        Path | None,
        typer.Option("--schedule", metavar="FILE", help="Play the steps in this file instead."),
    ] = None,
    timeline: Annotated[
        Path | None,
        typer.Option("--timeline", metavar="FILE", help="Draw the run of --seed as a web page."),
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", metavar="N", min=1, max=_JOBS_MAX, help="Processes to use.")
    ] = 1,
    shrinks: Annotated[
        bool,
        typer.Option("--shrink/--no-shrink", help="Look for the fewest steps that break the same."),
    ] = True,
    as_json: JsonOption = False,
) -> ExitCode:
    """Break a mesh in virtual time, and see whether it keeps its promises.

    The orchestrator, the nodes and the clients are the real ones; time, network, disk and handlers
    are simulated, and break as the seed says. The same seed gives the same history, byte for byte.
    What breaks a promise is cut down to the steps it takes; they are written to
    cogmesh-seed-N.json, and the command that plays them is printed. Exit code 1 says that a
    promise was broken. docs/simulation.md says how to read a run.

    With --json: seeds, virtual_s, real_s, attempts, broken [{seed, breaches, fingerprint, steps,
    schedule}]; with --seed or --schedule: seed, sound, breaches, fingerprint, virtual_s, frames,
    tally.
    """
    if dense and (nodes is not None or hours is not None):
        raise WrongUsage("--dense draws nodes and hours by the seed: leave --nodes and --hours out")
    kind = _Kind(nodes, hours, dense=dense)
    if seed is not None or schedule is not None:
        return _play_one(_plan(seed or 0, kind, schedule), timeline, as_json=as_json)
    if timeline is not None:
        raise WrongUsage("--timeline draws one run: say which with --seed")
    began = RealClock.now()
    found = _Found()
    with _progress(seeds) as advance:
        for verdict in _verdicts(range(first, first + seeds), kind, jobs):
            found.seeds += 1
            found.virtual_s += verdict.virtual_s
            found.attempts += verdict.tally.attempts
            advance()
            if not verdict.is_sound:
                found.broken.append(_report(verdict, shrinks=shrinks, as_json=as_json))
    real_s = max(RealClock.now() - began, 1e-9)
    if as_json:
        print_json(asdict(found) | {"real_s": round(real_s, 3)})
    else:
        results().print(
            listed(
                plural(found.seeds, "seed"),
                f"{len(found.broken)} broken",
                f"{found.attempts:,} attempts",
                f"{duration(found.virtual_s)} of virtual time in {duration(real_s)}",
                f"{found.virtual_s / real_s:,.0f} times as fast",
            )
        )
    return ExitCode.UNSUCCESSFUL if found.broken else ExitCode.OK


def _plan(seed: int, kind: _Kind, schedule: Path | None = None) -> Plan:
    from cognitive_architecture.simulation import dense_plan_of, plan_of, read_plan

    if schedule is not None:
        return read_plan(schedule)
    if kind.dense:
        return dense_plan_of(seed)
    lasts_s = None if kind.hours is None else 3600.0 * kind.hours
    return plan_of(seed, nodes=kind.nodes, lasts_s=lasts_s)


def _play_one(plan: Plan, timeline: Path | None, *, as_json: bool) -> ExitCode:
    from cognitive_architecture.simulation import play
    from cognitive_architecture.simulation.timeline import timeline as page_of

    verdict = play(plan)
    if timeline is not None:
        timeline.write_text(page_of(verdict), encoding="utf-8")
    if as_json:
        print_json(
            {
                "seed": plan.seed,
                "sound": verdict.is_sound,
                "breaches": verdict.breaches,
                "fingerprint": verdict.fingerprint,
                "virtual_s": round(verdict.virtual_s, 6),
                "frames": verdict.frames,
                "tally": asdict(verdict.tally),
            }
        )
    else:
        _tell(verdict)
    return ExitCode.OK if verdict.is_sound else ExitCode.UNSUCCESSFUL


def _tell(verdict: Verdict) -> None:
    out = results()
    for note in verdict.history.notes:
        style = {"broken": "bold red", "trouble": "yellow", "log": "dim"}.get(note.kind)
        out.print(f"{note.at:10.4f}  {note.who:<6} {note.kind:<8} {note.text}", style=style)
    tally = verdict.tally
    out.print(
        listed(
            f"seed {verdict.plan.seed}",
            "sound" if verdict.is_sound else f"{plural(len(verdict.breaches), 'promise')} broken",
            f"{tally.completed:,} completed",
            f"{tally.failed:,} failed",
            f"{tally.cancelled:,} cancelled",
            f"{duration(verdict.virtual_s)} of virtual time",
            f"fingerprint {verdict.fingerprint}",
        )
    )


def _report(verdict: Verdict, *, shrinks: bool, as_json: bool) -> dict[str, Any]:
    """Tell of a broken run, cut it down, and keep what is left of its plan."""
    from cognitive_architecture.simulation import play, write_plan
    from cognitive_architecture.simulation.shrinking import shrunk

    seed = verdict.plan.seed
    steps = len(verdict.plan.steps)
    if shrinks:
        verdict = shrunk(verdict, lambda plan: play(plan, keeps_notes=False))
    file = Path(f"cogmesh-seed-{seed}.json")
    write_plan(verdict.plan, file)
    if not as_json:
        out = results()
        out.print(f"seed {seed}: {verdict.breaches[0]}", style="bold red")
        out.print(f"  {steps} steps were cut down to {len(verdict.plan.steps)}; play them again:")
        out.print(f"  cogmesh simulate --seed {seed} --schedule {file}")
    return {
        "seed": seed,
        "breaches": verdict.breaches,
        "fingerprint": verdict.fingerprint,
        "steps": len(verdict.plan.steps),
        "schedule": str(file),
    }


# -- many ----------------------------------------------------------------------------------------


def _verdicts(seeds: range, kind: _Kind, jobs: int) -> Iterator[Verdict]:
    """The verdict on each seed, in order."""
    if jobs == 1:
        yield from (_play_seed(seed, kind) for seed in seeds)
        return
    with ProcessPoolExecutor(jobs) as pool:
        try:
            yield from pool.map(_play_seed, seeds, [kind] * len(seeds), chunksize=4)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _play_seed(seed: int, kind: _Kind) -> Verdict:
    from cognitive_architecture.simulation import play

    return play(_plan(seed, kind), keeps_notes=False)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """A bar on a terminal, nothing in a pipe."""
    if not may_animate():
        yield lambda: None
        return
    with Progress(console=notices(), transient=True) as bar:
        task = bar.add_task("seeds", total=total)
        yield lambda: bar.advance(task)
