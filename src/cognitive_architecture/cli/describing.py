"""What a node says of itself, and a task of itself and of its node, from the command line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Annotated, Any

import typer

from .outcomes import WrongUsage

RequiresOption = Annotated[
    list[str] | None,
    typer.Option(
        "--requires",
        metavar="EXPRESSION",
        help="What the node must be, as memory_bytes >= 8 * GiB; repeatable.",
    ),
]

PrefersOption = Annotated[
    list[str] | None,
    typer.Option(
        "--prefers",
        metavar="[WEIGHT:]EXPRESSION",
        help="What the node should be; repeatable. Weight 1 counts like one task more or less.",
    ),
]

PatternOption = Annotated[
    str,
    typer.Option(
        "--pattern",
        metavar="SCHEME",
        help="A pattern that must be found among the node's atoms (and those of --atoms).",
        show_default=False,
    ),
]

AtomsOption = Annotated[
    str,
    typer.Option(
        "--atoms", metavar="SCHEME", help="Atoms of the task, for --pattern.", show_default=False
    ),
]

TaskLabelOption = Annotated[
    list[str] | None,
    typer.Option(
        "--label",
        metavar="KEY=VALUE",
        help="What nodes may look at when they choose whom to serve; repeatable.",
    ),
]

AffinityOption = Annotated[
    str | None,
    typer.Option(
        "--affinity", metavar="KEY", help="Prefer nodes that lately served a task with this key."
    ),
]

DeadlineOption = Annotated[
    float | None,
    typer.Option(
        "--deadline", metavar="SECONDS", help="It should end by then, and grows urgent towards it."
    ),
]

LatencyOption = Annotated[
    float | None,
    typer.Option(
        "--latency-target",
        metavar="SECONDS",
        help="Somebody waits for it: it goes before all tasks for which nobody waits.",
    ),
]

ConceptOption = Annotated[
    list[str] | None,
    typer.Option(
        "--concept",
        metavar="NAME",
        help="What it is about; cogmesh reprioritise can raise it by that. Repeatable.",
    ),
]

CostOption = Annotated[
    float | None,
    typer.Option(
        "--cost",
        metavar="SECONDS",
        help="What to reserve for it, if not the mean of its type; what it takes is charged.",
    ),
]

ResumableOption = Annotated[
    bool,
    typer.Option(
        "--resumable", help="It may be stopped and begun anew for a task that somebody waits for."
    ),
]


ExclusiveOption = Annotated[
    bool,
    typer.Option(
        "--exclusive", help="No second attempt is begun beside one that takes unusually long."
    ),
]


def pairs(flag: str, given: Iterable[str] | None, *, form: str = "KEY=VALUE") -> dict[str, str]:
    """KEY=VALUE, several times; ``form`` is how the flag's help writes it.

    Raises:
        WrongUsage: One of them is written in another way.
    """
    found = {}
    for text in given or ():
        key, is_there, value = text.partition("=")
        if not is_there or not key:
            raise WrongUsage(f"{flag}: {form} is required, not {text!r}")
        found[key] = value
    return found


def typed_pairs(flag: str, given: Iterable[str] | None) -> dict[str, Any]:
    """The same; a value that is JSON is what it says, and any other is a text."""
    return {key: _typed(value) for key, value in pairs(flag, given).items()}


def preferences(given: Iterable[str] | None) -> dict[str, float]:
    """Expressions and their weights; one without a weight has 1."""
    found = {}
    for text in given or ():
        weight, is_there, expression = text.partition(":")
        try:
            found[expression.strip()] = float(weight) if is_there else 1.0
        except ValueError:  # the colon stands inside the expression
            is_there = ""
        if not is_there:
            found[text] = 1.0
    return {expression: weight for expression, weight in found.items() if expression}


def whole_description(described: list[dict[str, Any]], said: dict[str, Any]) -> dict[str, Any]:
    """What the files of handlers say of the node, and what flags say; flags come last and win."""
    whole: dict[str, Any] = {}
    for one in (*described, said):
        for key, value in one.items():
            before = whole.get(key)
            if isinstance(before, dict) and isinstance(value, dict):
                whole[key] = before | value
            elif isinstance(before, list) and isinstance(value, list):
                whole[key] = [*before, *value]
            else:
                whole[key] = value
    return {key: value for key, value in whole.items() if value not in ({}, [], "")}


def _typed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
