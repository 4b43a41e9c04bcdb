"""A space on disk: what it costs to write it, to fold its log, and to have it again."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cognitive_architecture.atomspace import AtomSpace
from cognitive_architecture.atomspace_store.kept_space import KeptSpace
from cognitive_architecture.atomspace_store.sql import SqlAtomStore
from cognitive_architecture.foundation.world import RealClock

ATOMS_IN_A_COMMIT = 10_000
LONE_COMMITS = 500
GROUPS = 100


def kept_round(atoms: int) -> dict[str, float]:
    """Write, load, fold and load again so many atoms: half of them nodes, half links.

    Returns:
        ``kept_atoms``: atoms a second, made and durable, 10,000 in a commit. ``lone_commits``: a
        second, of one node each. ``log_load_s`` and ``load_s``: until they are in a new space,
        from the log alone and from the snapshot. ``fold_s``: until that is made of the log.
    """
    with tempfile.TemporaryDirectory(prefix="cogmesh-bench-", dir=Path.cwd()) as folder:
        store = SqlAtomStore(Path(folder), RealClock())
        store.open()
        try:
            expected, written_s, lone_s = _written(store, atoms)
            log_load_s = _timed(lambda: _load(store, expected))
            fold_s = _timed(store.compact)
            load_s = _timed(lambda: _load(store, expected))
        finally:
            store.close()
    return {
        "kept_atoms": atoms / written_s,
        "lone_commits": LONE_COMMITS / lone_s,
        "log_load_s": log_load_s,
        "fold_s": fold_s,
        "load_s": load_s,
    }


def _written(store: SqlAtomStore, atoms: int) -> tuple[int, float, float]:
    kept = KeptSpace(AtomSpace(), store)
    written_s = _timed(lambda: _write(kept, atoms))
    lone_s = _timed(lambda: _write_alone(kept))
    kept.stop()
    return len(kept.space), written_s, lone_s


def _timed(work: Callable[[], object]) -> float:
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _write(kept: KeptSpace, atoms: int) -> None:
    node, link = kept.space.node, kept.space.link
    groups = [node("Concept", f"m{number}") for number in range(GROUPS)]
    for number in range((atoms - GROUPS) // 2):
        link("Inheritance", node("Concept", f"n{number}"), groups[number % GROUPS])
        if kept.backlog >= ATOMS_IN_A_COMMIT:
            kept.commit_now()
    kept.commit_now()


def _write_alone(kept: KeptSpace) -> None:
    for number in range(LONE_COMMITS):
        kept.space.node("Concept", f"alone{number}")
        kept.commit_now()


def _load(store: SqlAtomStore, expected: int) -> None:
    assert store.load(AtomSpace()) == expected
