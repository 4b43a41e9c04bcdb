"""``cogmesh atoms``: add, query, show, remove, stats, dismiss."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer
from rich.text import Text

from cognitive_architecture.cli.asking import REQUESTER, ask
from cognitive_architecture.cli.inputs import STDIN, all_text
from cognitive_architecture.cli.options import ConnectOption, JsonOption, MeshOption
from cognitive_architecture.cli.outcomes import ExitCode, WrongUsage
from cognitive_architecture.cli.rendering import (
    listed,
    notices,
    plural,
    print_json,
    print_line,
    results,
    table,
)

if TYPE_CHECKING:
    from cognitive_architecture.atomspace import Atom
    from cognitive_architecture.atomspace.notation.reading import Expression
    from cognitive_architecture.distributed_mesh.client import MeshClient
    from cognitive_architecture.hypergraph import Coverage, Hypergraph

T = TypeVar("T")


class DialectWord(StrEnum):
    """How atoms are written."""

    MODERN = "2026"
    CLASSIC = "classic"
    METTA = "metta"


_Dialect = Annotated[
    DialectWord, typer.Option("--dialect", "-D", help="How atoms are written, in and out.")
]
_Expressions = Annotated[
    str | None,
    typer.Argument(metavar="ATOMS", help="Expressions; '-' reads standard input."),
]
_File = Annotated[
    str | None, typer.Option("--file", "-f", metavar="FILE", help="Read the expressions there.")
]
_Timeout = Annotated[
    float,
    typer.Option("--timeout", metavar="SECONDS", min=0.1, max=3600.0, help="Patience, at most."),
]
_PATIENCE_S: Final = 30.0


def add(
    atoms: _Expressions = None,
    file: _File = None,
    dialect: _Dialect = DialectWord.MODERN,
    timeout: _Timeout = _PATIENCE_S,
    connect: ConnectOption = None,
    mesh: MeshOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Add atoms to the hypergraph of the mesh, with the values that stand on them.

    It is done when every atom is on the disks of both its owners. With --json: {written}.
    """
    text = _text(atoms, file)
    _read(text, dialect)  # a mistake is told before anybody is asked

    async def put(graph: Hypergraph) -> int:
        return await graph.add_text(text, dialect=dialect.value, patience_s=timeout)

    written = _ask(put, connect, mesh)
    if as_json:
        print_json({"written": written})
    else:
        results().print(f"{plural(written, 'atom')} written, each to both its owners")
    return ExitCode.OK


def query(
    atoms: _Expressions = None,
    *,
    file: _File = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", metavar="N", min=1, max=1_000_000, help="Most answers.")
    ] = 100,
    dialect: _Dialect = DialectWord.MODERN,
    timeout: _Timeout = _PATIENCE_S,
    connect: ConnectOption = None,
    mesh: MeshOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """What a Meet, Get, Query or Bind gives, of all atoms of the mesh.

    One answer a line. If a part of the mesh cannot be spoken for, the answer is partial, and
    standard error says so. With --json: {answers, is_all, is_partial, missing_shards,
    missing_nodes}.
    """
    expressions = _read(_text(atoms, file), dialect)
    if len(expressions) != 1:
        raise WrongUsage(f"one query at a time, not {len(expressions)}")
    asked = expressions[0].atom

    async def put(graph: Hypergraph) -> Any:
        return await graph.query(asked, limit=limit, patience_s=timeout)

    found = _ask(put, connect, mesh)
    answers = [_written(atom, dialect) for atom in found.atoms]
    if as_json:
        said = {"answers": answers, "is_all": found.is_all} | found.coverage.as_json()
        print_json(said)
        return ExitCode.OK
    for answer in answers:
        print_line(answer)
    if not found.is_all:
        notices().print(f"there are more than {limit:,}; --limit N shows more", style="dim")
    _warn(found.coverage)
    return ExitCode.OK


def show(
    atoms: _Expressions = None,
    file: _File = None,
    dialect: _Dialect = DialectWord.MODERN,
    timeout: _Timeout = _PATIENCE_S,
    connect: ConnectOption = None,
    mesh: MeshOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Atoms with the values on them, and which memory nodes keep each.

    With --json: {atoms: [{atom, is_there, shard, owners}], is_partial, missing_shards,
    missing_nodes}.
    """
    wanted = [expression.atom for expression in _read(_text(atoms, file), dialect)]

    async def put(graph: Hypergraph) -> tuple[Any, frozenset[str]]:
        return await graph.values(wanted, patience_s=timeout), await graph.members()

    known, members = _ask(put, connect, mesh)
    from cognitive_architecture.memory import digest_of, owners, shard_of

    rows: list[dict[str, Any]] = []
    for atom in wanted:
        shard = shard_of(digest_of(atom))
        rows.append(
            {
                "atom": _written(atom, dialect, known.values.get(atom)),
                "is_there": atom in known.values,
                "shard": shard,
                "owners": list(owners(shard, members)),
            }
        )
    if as_json:
        print_json({"atoms": rows} | known.coverage.as_json())
        return ExitCode.OK
    shown = table("atom", "shard", "owners", numbers=["shard"], flexible=["atom"])
    for row in rows:
        style = "" if row["is_there"] else "yellow"
        where = ", ".join(row["owners"]) if row["is_there"] else "not there"
        shown.add_row(Text(row["atom"], style=style), str(row["shard"]), where)
    results().print(shown)
    _warn(known.coverage)
    return ExitCode.OK


def remove(
    atoms: _Expressions = None,
    *,
    file: _File = None,
    with_incoming: Annotated[
        bool, typer.Option("--with-incoming", help="And every link that holds one of them.")
    ] = False,
    dialect: _Dialect = DialectWord.MODERN,
    timeout: _Timeout = _PATIENCE_S,
    connect: ConnectOption = None,
    mesh: MeshOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Remove atoms from the hypergraph of the mesh; one that is not there is no error.

    With --json: {removed}.
    """
    doomed = [expression.atom for expression in _read(_text(atoms, file), dialect)]

    async def put(graph: Hypergraph) -> int:
        return await graph.remove(doomed, with_incoming=with_incoming, patience_s=timeout)

    removed = _ask(put, connect, mesh)
    if as_json:
        print_json({"removed": removed})
    else:
        results().print(f"{plural(removed, 'atom')} removed")
    return ExitCode.OK


def stats(
    connect: ConnectOption = None, mesh: MeshOption = None, as_json: JsonOption = False
) -> ExitCode:
    """The memory nodes, and how much each keeps.

    With --json: {atoms, nodes: [{node_id, atoms, guests, tombstones, shards, complete, funds}],
    missing_nodes}.
    """

    async def put(graph: Hypergraph) -> Any:
        return await graph.figures()

    said = _ask(put, connect, mesh)
    if as_json:
        print_json(said)
        return ExitCode.OK
    out = results()
    out.print(
        listed(
            Text(plural(said["atoms"], "atom"), style="bold"),
            f"each at two of {plural(len(said['nodes']), 'memory node')}"
            if len(said["nodes"]) > 1
            else "at one memory node, so none is kept twice",
        )
    )
    out.print()
    numbers = ["atoms", "guests", "tombstones", "shards", "complete", "STI of atoms"]
    shown = table("memory node", *numbers, numbers=numbers)
    for node in said["nodes"]:
        shown.add_row(
            node["node_id"],
            *(f"{node[name]:,}" for name in ("atoms", "guests", "tombstones", "shards")),
            f"{node['complete']:,}",
            f"{node['funds']['sti']['atoms']:,.0f}",
        )
    out.print(shown)
    if said["missing_nodes"]:
        gone = ", ".join(said["missing_nodes"])
        notices().print(
            f"not there: {gone}. One that will not come back: cogmesh atoms dismiss NODE",
            style="yellow",
        )
    return ExitCode.OK


def dismiss(
    node_id: Annotated[str, typer.Argument(metavar="NODE", help="A memory node that is gone.")],
    connect: ConnectOption = None,
    mesh: MeshOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Say that a memory node will not come back, so that answers need not wait for what it had.

    If it comes back after all, it is a member again. With --json: {dismissed}.
    """

    async def put(graph: Hypergraph) -> None:
        await graph.dismiss(node_id)

    _ask(put, connect, mesh)
    if as_json:
        print_json({"dismissed": node_id})
    else:
        results().print(f"{node_id} is dismissed")
    return ExitCode.OK


def _ask(
    put: Callable[[Hypergraph], Awaitable[T]],
    connect: Sequence[str] | None,
    mesh: str | None,
) -> T:
    # Atoms are loaded by commands that use them.
    from cognitive_architecture.atomspace import AtomSpaceError
    from cognitive_architecture.hypergraph import Hypergraph
    from cognitive_architecture.memory.errors import NestedTooDeep

    async def question(client: MeshClient) -> T:
        return await put(Hypergraph(client))

    try:
        return ask(question, connect, mesh, requester=REQUESTER)
    except (AtomSpaceError, NestedTooDeep) as error:
        raise WrongUsage(str(error)) from error


def _text(atoms: str | None, file: str | None) -> str:
    if (atoms is None) is (file is None):
        raise WrongUsage("ATOMS or --file FILE: one of them; ATOMS may be - for standard input")
    if atoms is not None and atoms != STDIN:
        return atoms
    return all_text(file or STDIN)


def _read(text: str, dialect: DialectWord) -> list[Expression]:
    from cognitive_architecture.atomspace import AtomSpaceError
    from cognitive_architecture.memory.writing import read_all

    try:
        found = read_all(text, dialect.value)
    except AtomSpaceError as error:
        raise WrongUsage(str(error)) from error
    if not found:
        raise WrongUsage('an expression is required, as (Concept "cat")')
    return found


def _written(atom: Atom, dialect: DialectWord, values: Any = None) -> str:
    from cognitive_architecture.atomspace.notation import CannotSay, write

    try:
        return write(atom, {atom: values} if values else None, dialect=dialect.value)
    except CannotSay:  # MeTTa has no values, and 2026 not all types of classic
        return write(atom, dialect="metta")


def _warn(coverage: Coverage) -> None:
    sentence = coverage.sentence()
    if sentence is not None:
        notices().print(sentence, style="yellow", soft_wrap=True)
