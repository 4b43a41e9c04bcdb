"""``cogmesh atoms``: what it asks of memory nodes, and how it shows the answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from cognitive_architecture.cli import asking
from cognitive_architecture.cli.outcomes import ExitCode
from tests.unit.hypergraph.town import Town, names

from .conftest import Run

ZOO = """(Inheritance (Concept "cat") (Concept "animal"))
(Inheritance (Concept "dog") (Concept "animal"))"""
WHICH = '(Meet (Inheritance (Variable "$x") (Concept "animal")))'


@pytest.fixture
def town(run: Run, monkeypatch: pytest.MonkeyPatch) -> Town:
    """Three memory nodes that answer whatever the commands ask."""
    made = Town()

    async def build() -> None:
        await made.come(*names(3))
        await made.heal()

    asyncio.run(build())

    @asynccontextmanager
    async def open_client(*_: Any) -> AsyncIterator[Town]:
        yield made

    monkeypatch.setattr(asking, "open_client", open_client)
    return made


def test_atoms_are_added_found_shown_counted_and_removed(run: Run, town: Town) -> None:
    added = run("atoms", "add", ZOO)
    assert added.stdout == "5 atoms written, each to both its owners\n"

    found = run("atoms", "query", WHICH)
    assert sorted(found.stdout.splitlines()) == ['(Concept "cat")', '(Concept "dog")']

    shown = run("atoms", "show", '(Concept "cat") (Concept "cow")', "--json")
    first, second = json.loads(shown.stdout)["atoms"]
    assert (first["is_there"], second["is_there"]) == (True, False)
    assert len(first["owners"]) == 2

    stats = json.loads(run("atoms", "stats", "--json").stdout)
    assert stats["atoms"] == 5
    assert sum(node["atoms"] for node in stats["nodes"]) == 10
    assert "5 atoms · each at two of 3 memory nodes" in run("atoms", "stats").stdout

    held = run("atoms", "remove", '(Concept "cat")')
    assert held.exit_code == ExitCode.WRONG_USAGE
    assert "is held by" in held.stderr
    removed = run("atoms", "remove", '(Concept "cat")', "--with-incoming")
    assert removed.stdout == "2 atoms removed\n"
    assert run("atoms", "query", WHICH).stdout == '(Concept "dog")\n'


def test_expressions_come_from_files_and_in_all_dialects(
    run: Run, town: Town, tmp_path: Path
) -> None:
    (tmp_path / "zoo.metta").write_text("(Inheritance cat animal)")
    run("atoms", "add", "-f", str(tmp_path / "zoo.metta"), "-D", "metta")

    classic = '(GetLink (InheritanceLink (VariableNode "$x") (VariableNode "$y")))'
    assert "ListLink" in run("atoms", "query", classic, "-D", "classic").stdout


def test_values_are_written_and_shown(run: Run, town: Town) -> None:
    run("atoms", "add", '(ConceptNode "cat" (stv 0.5 0.9))', "-D", "classic")

    assert "stv 0.5 0.9" in run("atoms", "show", '(ConceptNode "cat")', "-D", "classic").stdout


def test_a_partial_answer_says_so_and_a_limit_too(run: Run, town: Town) -> None:
    run("atoms", "add", ZOO)
    limited = run("atoms", "query", WHICH, "--limit", "1")
    assert len(limited.stdout.splitlines()) == 1
    assert "there are more than 1" in limited.stderr

    async def lose() -> None:
        await town.go("memory-1", "memory-2")
        await town.heal()

    asyncio.run(lose())
    partial = run("atoms", "query", WHICH)
    assert "partial: " in partial.stderr
    assert "memory-1, memory-2 not there" in partial.stderr
    assert json.loads(run("atoms", "query", WHICH, "--json").stdout)["is_partial"]
    assert "cogmesh atoms dismiss NODE" in run("atoms", "stats").stderr
    for name in ("memory-1", "memory-2"):
        assert run("atoms", "dismiss", name).stdout == f"{name} is dismissed\n"
    assert "not there" not in run("atoms", "stats").stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["add"], "ATOMS or --file FILE: one of them"),
        (["add", '(Concept "a'], "line 1, column 10: the string that begins here has no end"),
        (["add", ""], "an expression is required"),
        (["add", "(List " * 120 + ")" * 120], "nest at most 100 deep"),
        (["query", f"{WHICH} {WHICH}"], "one query at a time, not 2"),
        (["query", '(Concept "a")'], "a query is a Meet, Get, Query or Bind"),
        (
            ["query", '(Query (Concept "a") (Variable "$y"))'],
            "stands in the rewrite, but no clause grounds it",
        ),
        (["show", "-f", "missing.scm"], "missing.scm cannot be read"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    run: Run, town: Town, words: list[str], sentence: str
) -> None:
    result = run("atoms", *words)

    assert result.exit_code == ExitCode.WRONG_USAGE
    assert sentence in result.stderr


def test_without_a_memory_node_it_says_how_to_start_one(run: Run, town: Town) -> None:
    town.houses.clear()

    result = run("atoms", "add", ZOO)

    assert result.exit_code == ExitCode.REFUSED
    assert "cogmesh node --atomspace DIR" in result.stderr
