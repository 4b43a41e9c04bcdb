"""``cogmesh attention``: show, stimulate, plot."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.text import Text

from cognitive_architecture.cli.asking import ask, settings_for
from cognitive_architecture.cli.options import ConnectOption, JsonOption, MeshOption
from cognitive_architecture.cli.outcomes import ExitCode, WrongUsage
from cognitive_architecture.cli.rendering import (
    facts,
    listed,
    notices,
    plural,
    print_json,
    print_line,
    results,
    table,
)
from cognitive_architecture.drawing.sheets import SUFFIXES
from cognitive_architecture.foundation.errors import MeshError, MeshUnreachable

if TYPE_CHECKING:
    from cognitive_architecture.attention_store import Kept
    from cognitive_architecture.foundation.settings import AttentionSettings

_DATA: Final = ".cogmesh"
_NOBODY: Final = "(nobody)"
_FOLLOWED: Final = 12


class AccountWord(StrEnum):
    """Whose account."""

    REQUESTER = "requester"
    CAPABILITY = "capability"
    NODE = "node"
    CONCEPT = "concept"


class Picture(StrEnum):
    """What to draw."""

    STI = "sti"
    FOCUS = "focus"
    FUNDS = "funds"
    GRAPH = "graph"
    ALL = "all"


_ALL_PICTURES: Final[list[Picture]] = [*Picture][:-1]


# -- show ------------------------------------------------------------------------------------------


def show(
    top: Annotated[
        int, typer.Option("--top", "-n", metavar="N", min=1, max=1000, help="Rows of each table.")
    ] = 5,
    connect: ConnectOption = None,
    mesh: MeshOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Who holds how much attention, and which nodes and capabilities go well together.

    With --json: turn_s, entries, funds {sti, lti, target_sti, issued_sti}, focus {size,
    boundary_sti, members [{kind, name}]}, accounts {requesters, capabilities, nodes, concepts:
    {count, richest [{name, sti, lti, share}]}}, pairs {count, strongest [{capability, node,
    strength, confidence}]}.
    """
    said = ask(lambda client: client.attention(top=top), connect, mesh)
    if as_json:
        print_json(said)
    else:
        _show(said)
    return ExitCode.OK


def _show(said: dict[str, Any]) -> None:
    out = results()
    funds, focus = said["funds"], said["focus"]
    members = ", ".join(member["name"] for member in focus["members"])
    out.print(
        facts(
            {
                "funds": listed(
                    f"{funds['sti']:,.0f} of {funds['issued_sti']:,.0f} STI",
                    f"target {funds['target_sti']:,.0f}",
                ),
                "focus": listed(
                    plural(focus["size"], "member"),
                    f"from {focus['boundary_sti']:,.0f} STI" if focus["size"] else "",
                    members,
                ),
                "books": listed(
                    plural(said["entries"], "entry", "entries"),
                    f"a turn each {said['turn_s']:g} s while something happens",
                ),
            }
        )
    )
    for word, accounts in said["accounts"].items():
        if accounts["count"]:
            out.print()
            out.print(_accounts(word, accounts))
    if said["pairs"]["count"]:
        out.print()
        out.print(_pairs(said["pairs"]))


def _accounts(word: str, accounts: dict[str, Any]) -> Any:
    has_shares = word == "requesters"
    columns = [word, "STI", *(["share"] if has_shares else ["LTI"])]
    rows = table(*columns, numbers=columns[1:], flexible=[word])
    for row in accounts["richest"]:
        rows.add_row(
            Text(row["name"] or _NOBODY, style="bold" if row["name"] else "dim"),
            f"{row['sti']:,.1f}",
            f"{row['share']:.1%}" if has_shares else f"{row['lti']:,.1f}",
        )
    _say_how_many_more(rows, accounts["count"] - len(accounts["richest"]))
    return rows


def _pairs(pairs: dict[str, Any]) -> Any:
    rows = table(
        "goes well with", "node", "strength", "confidence",
        numbers=["strength", "confidence"], flexible=["goes well with", "node"],
    )  # fmt: skip
    for pair in pairs["strongest"]:
        rows.add_row(
            pair["capability"],
            Text(pair["node"], style="bold"),
            f"{pair['strength']:.2f}",
            f"{pair['confidence']:.2f}",
        )
    _say_how_many_more(rows, pairs["count"] - len(pairs["strongest"]))
    return rows


def _say_how_many_more(rows: Any, count: int) -> None:
    if count > 0:
        rows.add_row(Text(f"{count:,} more", style="dim"))


# -- stimulate -------------------------------------------------------------------------------------


def stimulate(
    kind: Annotated[AccountWord, typer.Argument(metavar="KIND", help="Whose account.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="As `cogmesh attention show` says.")],
    by: Annotated[
        float, typer.Option("--by", metavar="STI", help="How much; negative takes some back.")
    ],
    connect: ConnectOption = None,
    mesh: MeshOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Give attention to a requester, capability, node or concept, or take some back.

    A requester's share grows with it. A concept raises the waiting tasks that declare it, and less
    so those of its Hebbian neighbours. With --json: kind, name, sti, share, raised {concept:
    levels}.
    """
    said = ask(lambda client: client.stimulate(str(kind), name, by), connect, mesh)
    if as_json:
        print_json(said)
        return ExitCode.OK
    out = results()
    out.print(
        listed(
            Text.assemble(f"{kind} ", (name or _NOBODY, "bold")),
            f"{said['sti']:,.1f} STI",
            f"{said['share']:.1%} of the shares" if "share" in said else "",
        )
    )
    raised = said.get("raised", {})
    for concept, levels in sorted(raised.items(), key=lambda item: -abs(item[1])):
        way = "raised" if levels >= 0 else "lowered"
        out.print(f"  tasks of {concept} {way} by {abs(levels):.2f} levels", soft_wrap=True)
    return ExitCode.OK


# -- plot ------------------------------------------------------------------------------------------


def plot(
    what: Annotated[
        Picture, typer.Option("--what", "-w", help="Which picture.", show_choices=True)
    ] = Picture.ALL,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="PATH",
            help="A folder, or the file of one picture, ending in .png or .svg.",
            show_default="this folder",
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", "-d", metavar="DIR", help="Of an orchestrator, running or not."),
    ] = None,
    journal: Annotated[
        Path | None,
        typer.Option("--journal", metavar="FILE", help="Records that a ledger has written."),
    ] = None,
    connect: ConnectOption = None,
    mesh: MeshOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Draw how attention has moved: STI over time, the focus, who holds it, and the graph.

    Asks the running mesh; if there is none, reads ./.cogmesh. Pictures need the extra "plots".
    With --json: a list of the files.
    """
    if data is not None and journal is not None:
        raise WrongUsage("--data and --journal: one of them")
    chosen: list[Picture] = [what] if what is not Picture.ALL else _ALL_PICTURES
    paths = dict(zip(chosen, _paths(chosen, out), strict=True))
    settings = settings_for(connect, mesh).settings.attention
    files = _draw(_kept(data, journal, connect, mesh), paths, settings, is_mesh=journal is None)
    if as_json:
        print_json([str(path) for path in files])
    else:
        for path in files:
            print_line(str(path))
    return ExitCode.OK


def _paths(chosen: list[Picture], out: Path | None) -> list[Path]:
    """Where the pictures go."""
    folder = out or Path()
    if out is not None and out.suffix.lower() in SUFFIXES:
        if len(chosen) > 1:
            raise WrongUsage(
                f"--out: {out} is one file, and there are {len(chosen)} pictures: name a folder, "
                "or choose one picture with --what"
            )
        return [out]
    if out is not None and out.suffix and not out.is_dir():
        raise WrongUsage(f"--out: a folder, or a file that ends in .png or .svg, not {out}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongUsage(f"--out: {folder} cannot be made: {error.strerror}") from error
    return [folder / f"attention-{kind}.png" for kind in chosen]


def _kept(
    data: Path | None, journal: Path | None, connect: list[str] | None, mesh: str | None
) -> Kept:
    """The past, from wherever it is."""
    # The laws load numpy and scipy; `cogmesh --help` does without.
    from cognitive_architecture.attention_store import Kept
    from cognitive_architecture.attention_store.sql import FILE, read_past

    if journal is not None:
        try:
            return Kept(records=(journal.read_bytes(),))
        except OSError as error:
            raise WrongUsage(f"--journal: {journal} cannot be read: {error.strerror}") from error
    if data is not None:
        return read_past(data)
    try:
        said = ask(lambda client: client.attention_past(), connect, mesh)
    except MeshUnreachable:
        if connect is not None or not (Path(_DATA) / FILE).exists():
            raise
        notices().print(f"no mesh is running; reading {_DATA}", style="dim")
        return read_past(Path(_DATA))
    return Kept(
        said["checkpoint"],
        tuple(said["records"]),
        tuple(said["instants"]),
        dict(said["beliefs"]),
    )


def _draw(
    kept: Kept, paths: dict[Picture, Path], settings: AttentionSettings, *, is_mesh: bool
) -> list[Path]:
    # As above.
    from cognitive_architecture.attention import AccountKind, Parameters
    from cognitive_architecture.attention_store import past_of, restored_bank
    from cognitive_architecture.distributed_mesh.economy.books import KINDS, parameters_of
    from cognitive_architecture.drawing.attention import (
        draw_focus,
        draw_funds,
        draw_graph,
        draw_sti,
    )

    if not kept.records and kept.checkpoint is None:
        raise MeshError("there is nothing to draw yet: the journal is empty")
    kinds = KINDS if is_mesh else (AccountKind.ATOM,)
    parameters = parameters_of(settings) if is_mesh else Parameters()
    bank = restored_bank(kept, parameters, kinds=kinds)
    history = past_of(kept, kinds=kinds, accounts_max=_FOLLOWED, focus_size=parameters.focus_size)
    draw: dict[Picture, Callable[[Path], None]] = {
        Picture.STI: lambda path: draw_sti(history, path),
        Picture.FOCUS: lambda path: draw_focus(history, path),
        Picture.FUNDS: lambda path: draw_funds(history, path, target=parameters.target_sti),
        Picture.GRAPH: lambda path: draw_graph(bank, path, atoms_max=_FOLLOWED),
    }
    for kind, path in paths.items():
        draw[kind](path)
    return list(paths.values())
