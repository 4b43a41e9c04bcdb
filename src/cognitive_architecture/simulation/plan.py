"""What a run is made of: the mesh, its weather, and every step of work and trouble.

A plan is a value: it can be made from a seed, written to a file, cut down to what a failure
needs, and played again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from cognitive_architecture.foundation.errors import ConfigurationError


class Step(Struct, frozen=True, omit_defaults=True):
    """One thing that is done to the mesh, by its users or by fate."""

    at: float
    """Seconds since the run began."""
    do: str
    """What a step can be is said in ``steps.py``."""
    who: str = ""
    """A host: ``o`` is an orchestrator's, ``p`` its rival's, ``n1`` a node's, ``c1`` a client's."""
    what: dict[str, Any] = {}

    @property
    def is_trouble(self) -> bool:
        """Whether it breaks something."""
        return self.do in TROUBLES

    @property
    def ends_at(self) -> float:
        """When what it breaks is whole again."""
        return self.at + float(self.what.get("for_s", 0.0))


TROUBLES: Final = frozenset(
    {
        "kill",
        "leave",
        "pause",
        "cut",
        "clog",
        "disk",
        "starve",
        "lie",
        "jump",
        "ail",
        "usurp",
    }
)
"""Steps that break something; all other steps are work."""


class NodePlan(Struct, frozen=True):
    """A node."""

    host: str
    offers: list[str]
    slots: int


class Plan(Struct, frozen=True):
    """A whole run; everything else is a function of it."""

    seed: int
    nodes: list[NodePlan]
    clients: list[str]
    lasts_s: float
    """No step comes later."""
    steps: list[Step]
    settings: dict[str, Any] = {}
    """Dotted names of settings that differ from their defaults."""
    weather: dict[str, float] = {}
    """Fields of ``network.Weather``."""
    rates: dict[str, float] = {}
    """By host: seconds on its monotonic clock in a true second, where that is not 1."""
    turns_s: dict[str, float] = {}
    """By host: how long each turn of its event loop keeps it busy, where that is not 0."""
    commit_s: float = 0.001
    rivals: list[str] = []
    """Hosts of further orchestrators, which take the store over from whoever has it: no lock keeps
    them from it, as with a database that several machines can reach."""

    @property
    def is_calm(self) -> bool:
        """Whether nothing breaks and nobody is slow, so that nothing may go wrong at all."""
        return not (self.turns_s or any(step.is_trouble for step in self.steps)) and (
            self.weather.get("loss", 0.0) == 0.0
        )


def write_plan(plan: Plan, path: Path) -> None:
    """Keep a plan as JSON, a step a line for those who want to read or change it."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(plan), indent=1))


def read_plan(path: Path) -> Plan:
    """The plan that ``write_plan`` kept.

    Raises:
        ConfigurationError: The file cannot be read, or holds no plan.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Plan)
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigurationError(f"{path}: this is no plan of a simulation: {error}") from error
