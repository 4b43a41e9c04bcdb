"""Plays seeds with a bug planted until one of them shows it.

    python -m tests.simulation.hunt                 all bugs of which that is not known yet
    python -m tests.simulation.hunt --seeds 30      a first look at each
    python -m tests.simulation.hunt --only stream   those with this word in their name
    python -m tests.simulation.hunt --moved         code was moved and does the same

What was found is kept in ``planted/found.json``; ``docs/make_simulation.py`` makes the table of it.
A hunt can be broken off and goes on where it was: seeds that were played in vain are not played
again, unless the bug, the function it is in, or what the simulation draws and judges has changed.
Whether code has only moved no digest can tell. Whoever says so has every bug that was found planted
once more and its seed played: when each of them shows what it showed, what is known stays known.
"""

from __future__ import annotations

import argparse
import hashlib
import inspect
import json
import sys
import time
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

import cognitive_architecture.simulation
from cognitive_architecture.simulation import plan_of, play
from tests.support import invariants
from tests.support.inside import look_inside

from .planted import BUGS, is_planted
from .planted.planting import function_of

SEEDS_MAX = 2000
FOUND = Path(__file__).parent / "planted" / "found.json"

_DRAW: Final = (
    *("plan", "planning", "workload", "troubles"),
    *("deeds", "programs", "members", "steps", "stage", "run", "store", "link"),
)
"""Modules of the simulation that decide what a seed brings."""
_JUDGE: Final = "judging"
"""The folder of those that decide what is seen of it."""


@dataclass(frozen=True, slots=True)
class Catch:
    """How a bug was found, or that it was not."""

    name: str
    seeds: int | None
    """How many had to be played; ``None``: it was not found."""
    played: int
    """How many were played at most."""
    changed: int
    """In how many of them the bug made a difference at all."""
    breach: str = ""
    seconds: float = 0.0
    what: str = ""
    """Stands for the bug and the function it is in."""
    with_what: str = ""
    """Stands for what draws plans and judges runs."""


def hunt(before: Catch, seeds_max: int = SEEDS_MAX) -> Catch:
    """Plant the bug and play seeds; one that is broken without the bug does not count.

    Args:
        before: What is known: the seeds that were played then are not played again.
        seeds_max: After so many it is given up.
    """
    began = time.monotonic() - before.seconds
    bug = BUGS[before.name]
    changed = before.changed
    for seed in range(before.played, seeds_max):
        with is_planted(bug):
            fingerprint, breach = _played(seed)
        sound, broken = _played_without(seed)
        changed += fingerprint != sound
        if breach and not broken:
            seconds = round(time.monotonic() - began, 1)
            return replace(
                before,
                seeds=seed + 1,
                played=seed + 1,
                changed=changed,
                breach=breach,
                seconds=seconds,
            )
    seconds = round(time.monotonic() - began, 1)
    return replace(before, played=max(before.played, seeds_max), changed=changed, seconds=seconds)


def breaches_of(seed: int) -> str:
    """What the seed breaks first; a bug that stops the whole run is found as well."""
    return _played(seed)[1]


def _played(seed: int) -> tuple[str, str]:
    """Fingerprint and first breach."""
    try:
        verdict = play(plan_of(seed), inspect=look_inside, keeps_notes=False, breaches_max=1)
    except Exception as error:
        return "", f"the run stops: {type(error).__name__}: {error}"
    return verdict.fingerprint, next(iter(verdict.breaches), "")


@cache
def _played_without(seed: int) -> tuple[str, str]:
    return _played(seed)


def known(name: str, kept: dict[str, dict[str, object]]) -> Catch:
    """What an earlier hunt knows that still holds."""
    fresh = _unknown(name)
    earlier = kept.get(name)
    if earlier is None or (earlier.get("what"), earlier.get("with_what")) != (
        fresh.what,
        fresh.with_what,
    ):
        return fresh
    return Catch(**earlier)  # type: ignore[arg-type]  # as ``asdict`` wrote it


def moved(name: str, kept: dict[str, dict[str, object]]) -> Catch | None:
    """What an earlier hunt knows, of code that does the same at another place.

    Returns:
        ``None`` where the seed that showed the bug shows something else now. Of one that was not
        found there is nothing to play: believe it only if all that were found are as before.
    """
    fresh = _unknown(name)
    if name not in kept:
        return fresh
    earlier = Catch(**kept[name])  # type: ignore[arg-type]  # as ``asdict`` wrote it
    carried = replace(earlier, what=fresh.what, with_what=fresh.with_what)
    if carried == earlier:
        return carried
    with is_planted(BUGS[name]):
        if earlier.seeds is not None and breaches_of(earlier.seeds - 1) != earlier.breach:
            return None
    return carried


def _unknown(name: str) -> Catch:
    bug = BUGS[name]
    code = inspect.getsource(function_of(bug))
    return Catch(name, None, 0, 0, what=_digest(code, bug.old, bug.new), with_what=_with_what())


@cache
def _with_what() -> str:
    folder = Path(cognitive_architecture.simulation.__file__).parent
    files = [folder / f"{name}.py" for name in _DRAW]
    files += sorted((folder / _JUDGE).glob("*.py"))
    return _digest(*(file.read_text("utf-8") for file in files), inspect.getsource(invariants))


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="a word in the names of those to hunt")
    parser.add_argument("--seeds", type=int, default=SEEDS_MAX, help="to play before giving up")
    parser.add_argument("--moved", action="store_true", help="code does the same elsewhere")
    arguments = parser.parse_args()
    kept = json.loads(FOUND.read_text("utf-8")) if FOUND.exists() else {}
    if arguments.moved:
        return _carry(kept)
    names = [name for name in BUGS if arguments.only in name]
    return _hunt_all(names, kept, arguments.seeds)


def _carry(kept: dict[str, dict[str, object]]) -> int:
    """All or nothing: what was not found is as credible as what was."""
    catches = {name: moved(name, kept) for name in BUGS}
    carried = [catch for catch in catches.values() if catch is not None]
    if len(carried) < len(catches):
        others = "\n  ".join(name for name, catch in catches.items() if catch is None)
        print(f"Not only moved: nothing is carried over. These show something else:\n  {others}")
        return 1
    for catch in carried:
        kept[catch.name] = asdict(catch)
    _write(kept)
    print(f"{sum(catch.seeds is not None for catch in carried)} show what they showed")
    return 0


def _hunt_all(names: list[str], kept: dict[str, dict[str, object]], seeds_max: int) -> int:
    found = 0
    for name in names:
        catch = known(name, kept)
        is_new = catch.seeds is None and catch.played < seeds_max
        if is_new:
            catch = hunt(catch, seeds_max)
        found += catch.seeds is not None
        kept[name] = asdict(catch)
        _write(kept)
        after = f"{catch.seeds or 'NOT IN'} {'' if catch.seeds else catch.played}"
        if is_new:
            print(f"{after:>12} {catch.changed:5} {name} | {catch.breach[:90]}", flush=True)
    print(f"{found} of {len(names)} found")
    return 0 if found >= 0.95 * len(names) else 1


def _write(kept: dict[str, dict[str, object]]) -> None:
    in_order = {name: kept[name] for name in BUGS if name in kept}
    FOUND.write_text(json.dumps(in_order, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
