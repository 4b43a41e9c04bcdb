"""How a node works, and whether it is started again."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .kinds import MIB, Seconds, Section


class NodeSettings(Section):
    """How a node works."""

    heartbeat_s: Annotated[float, Field(ge=0.05, le=60.0)] = 0.5
    """Time between two measurements of its health, each told to the orchestrator."""

    lookahead_s: Annotated[float, Field(ge=0.0, le=10.0)] = 0.02
    """Work to hold ready beyond the running tasks, measured by their pace. More keeps slots busy
    over a slow network; an urgent task may wait so long behind it."""

    lookahead_max: Annotated[int, Field(ge=0, le=100_000)] = 1024
    """Most assignments to hold ready, however short they are."""

    adapts_concurrency: bool = False
    """Work on fewer tasks at once than there are slots while tasks take longer the more there are.
    For nodes whose slots share something scarce. Of tasks of one kind that differ much in length by
    themselves it may mistake the long ones for overload."""

    drain_timeout_s: Seconds = 30.0
    """How long a leaving node lets running handlers finish before it hands their tasks back."""

    memory_usage_max: Annotated[float, Field(gt=0.0, le=1.0)] = 0.98
    """A node with a larger share of its machine's memory in use refuses what it is given, and
    other nodes are asked. 1 never refuses."""

    result_bytes_max: Annotated[int, Field(ge=1024, le=1024 * MIB)] = 16 * MIB
    """Largest encoded result, and largest sum of streamed chunks."""

    checkpoint_bytes_max: Annotated[int, Field(ge=64, le=16 * MIB)] = MIB
    """Largest encoded checkpoint of a task. Each is written to the store, and travels with the next
    attempt."""

    rejoin_s: Annotated[Seconds, Field(gt=0.0)] = 10.0
    """How long a node whose id is taken keeps asking before it gives up: the other one may be
    its own predecessor, not yet noticed as gone."""


class SupervisionSettings(Section):
    """How ``cogmesh up`` and ``cogmesh node --supervise`` look after node processes."""

    restarts_max: Annotated[int, Field(ge=0, le=10_000)] = 5
    """How often a node that died is started again within ``period_s`` before it is left alone
    with a sentence. 0 starts none again."""

    period_s: Annotated[float, Field(gt=0.0, le=86_400.0)] = 60.0
    """The time within which restarts are counted."""

    pause_s: Annotated[float, Field(ge=0.0, le=600.0)] = 0.5
    """Pause before the second restart within the period; the first has none, and each further one
    twice the pause of the one before."""

    pause_max_s: Annotated[float, Field(ge=0.0, le=3600.0)] = 15.0
    """Longest pause before a restart."""

    stuck_s: Annotated[float, Field(ge=0.5, le=86_400.0)] = 30.0
    """How long a handler may ignore that it was stopped, or keep the event loop from everything
    else, before its supervised node hands its other tasks back and is started again. Lower frees
    the slot sooner, and ends handlers that only take long to clean up."""
