"""Lists the benchmarks, or runs one: ``python -m benchmarks [ID] [--no-peers] [--pairs N]``.

Long ones say how far they are, can be stopped with Ctrl-C and then tell what they have so far. With
``--keep FILE`` they go on where they were; several processes may share the file, each with another
``--first``.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .catalogue import CATALOGUE, Benchmark
from .report import Options

_INTERRUPTED = 130


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("id", nargs="?", help="which one; without it they are listed")
    parser.add_argument("--no-peers", action="store_true", help="leave other systems out")
    parser.add_argument("--pairs", type=int, default=5, help="alternated rounds (default 5)")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work, to try it out")
    parser.add_argument("--size", type=float, help="attempts of F4, node-hours of F3")
    parser.add_argument("--first", type=int, default=0, help="seed to begin with (F3, F4)")
    parser.add_argument("--keep", type=Path, help="file to keep what was reached in, and to go on")
    arguments = parser.parse_args()
    if not arguments.id:
        _list()
        return 0
    benchmark = CATALOGUE.get(arguments.id.upper())
    if benchmark is None:
        print(f"there is no benchmark {arguments.id!r}; there are {', '.join(CATALOGUE)}")
        return 2
    if benchmark.module is None:
        print(f"{benchmark.id}: not built yet ({benchmark.title})")
        return 3
    options = Options(
        peers=not arguments.no_peers,
        pairs=arguments.pairs,
        quick=arguments.quick,
        size=arguments.size,
        first=arguments.first,
        keep=arguments.keep,
    )
    return _run(benchmark, options)


def _list() -> None:
    table = Table(title="Benchmarks", title_justify="left")
    for heading in ("id", "what", "goal", "state"):
        table.add_column(heading, overflow="fold")
    for benchmark in CATALOGUE.values():
        state = f"make bench ID={benchmark.id}" if benchmark.module else "not built yet"
        table.add_row(benchmark.id, benchmark.title, benchmark.goal, state)
    Console().print(table)


def _run(benchmark: Benchmark, options: Options) -> int:
    module = importlib.import_module(f"benchmarks.{benchmark.module}")
    print(f"{benchmark.id}: {benchmark.title}\ngoal: {benchmark.goal}\n")
    print((module.__doc__ or "").strip() + "\n")
    try:
        report = module.measure(options)
    except KeyboardInterrupt:
        print("ended before it was done; nothing is reported")
        return _INTERRUPTED
    if not report.rounds.get(report.value):
        print("ended before anything was measured")
        return _INTERRUPTED
    print(report.as_json_line(benchmark), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
