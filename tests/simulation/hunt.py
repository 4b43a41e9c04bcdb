"""Plays seeds with a bug planted until one of them shows it.

    python -m tests.simulation.hunt                 all bugs
    python -m tests.simulation.hunt --only stream   those with this word in their name

What was found is kept in ``planted/found.json``; ``docs/make_simulation.py`` makes the table of it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from cognitive_architecture.simulation import plan_of, play
from tests.support.inside import look_inside

from .planted import BUGS, is_planted

SEEDS_MAX = 2000
FOUND = Path(__file__).parent / "planted" / "found.json"


@dataclass(frozen=True, slots=True)
class Catch:
    """How a bug was found, or that it was not."""

    name: str
    seeds: int | None
    """How many had to be played; ``None``: it was not found."""
    played: int
    """How many were played at most."""
    breach: str = ""
    seconds: float = 0.0


def hunt(name: str, seeds_max: int = SEEDS_MAX) -> Catch:
    """Plant the bug and play seeds from 0 on; a seed that is broken without it does not count."""
    began = time.monotonic()
    for seed in range(seeds_max):
        with is_planted(BUGS[name]):
            breaches = breaches_of(seed)
        if breaches and not breaches_of(seed):
            seconds = round(time.monotonic() - began, 1)
            return Catch(name, seed + 1, seed + 1, breaches[0], seconds)
    return Catch(name, None, seeds_max, seconds=round(time.monotonic() - began, 1))


def breaches_of(seed: int) -> list[str]:
    """What the seed breaks; a bug that stops the whole run is found as well."""
    try:
        return play(plan_of(seed), inspect=look_inside, keeps_notes=False).breaches
    except Exception as error:
        return [f"the run stops: {type(error).__name__}: {error}"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="a word in the names of those to hunt")
    parser.add_argument("--seeds", type=int, default=SEEDS_MAX, help="to play before giving up")
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    names = [name for name in BUGS if arguments.only in name]
    kept = json.loads(FOUND.read_text("utf-8")) if FOUND.exists() else {}
    with ProcessPoolExecutor(arguments.jobs) as pool:
        found = 0
        for catch in pool.map(hunt, names, [arguments.seeds] * len(names)):
            found += catch.seeds is not None
            kept[catch.name] = asdict(catch)
            in_order = {name: kept[name] for name in BUGS if name in kept}
            FOUND.write_text(json.dumps(in_order, indent=1) + "\n", "utf-8")
            after = "NOT FOUND" if catch.seeds is None else f"{catch.seeds:5} seeds"
            print(f"{after} {catch.seconds:6.1f} s  {catch.name} | {catch.breach[:90]}", flush=True)
    print(f"{found} of {len(names)} found")
    return 0 if found >= 0.95 * len(names) else 1


if __name__ == "__main__":
    sys.exit(main())
