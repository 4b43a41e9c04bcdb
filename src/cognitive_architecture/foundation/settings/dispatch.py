"""How tasks are queued, leased, retried and given up."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .kinds import MIB, Seconds, Section


class DispatchSettings(Section):
    """How tasks are queued, leased, retried and given up."""

    payload_bytes_max: Annotated[int, Field(ge=1024, le=1024 * MIB)] = 16 * MIB
    """Largest encoded payload, and largest result."""

    queue_tasks_max: Annotated[int, Field(ge=1, le=100_000_000)] = 1_000_000
    """Tasks that may be open at once; further ones are refused with a time to come back."""

    classes_max: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    """Combinations of capabilities, requirements and preferences in which tasks may wait at the
    same time. Each keeps an order of all nodes that meet it, so its memory grows with the mesh."""

    queue_bytes_max: Annotated[int, Field(ge=MIB)] = 2048 * MIB
    """Payload bytes of all open tasks together."""

    ageing_s: Annotated[float, Field(ge=1.0, le=86_400.0)] = 30.0
    """A waiting task gains one level of priority in this time, so nothing starves: a task of
    priority 1 overtakes fresh ones of priority 10 after nine times this long."""

    node_silence_s: Annotated[float, Field(ge=0.5, le=3600.0)] = 3.0
    """A node not heard of for so long loses its leases, if it is usually heard in time. Keep above
    two heartbeats."""

    node_silence_max_s: Annotated[float, Field(ge=0.5, le=3600.0)] = 10.0
    """A node that is usually heard of late, over a bad network or on a starved machine, is given up
    to so long; ``node_silence_s`` if that is longer. So is a newcomer, and less from heartbeat to
    heartbeat, until 64 of them have shown how it pauses."""

    node_mute_max_s: Annotated[float, Field(ge=0.5, le=3600.0)] = 40.0
    """A silent node whose process answers pings is given up after so long, if that is longer than
    its silence may be anyway: its link only waits, for what the network lost. It is sent nothing
    new meanwhile. Lower moves its tasks sooner, and of a link that catches up for nothing."""

    timeout_grace_s: Annotated[float, Field(ge=0.1, le=600.0)] = 2.0
    """A node ends an attempt at the task's timeout; the orchestrator waits this much longer."""

    node_losses_max: Annotated[int, Field(ge=1, le=1000)] = 10
    """A task whose node was lost so often is given up: it may be what kills them."""

    backoff_max_s: Annotated[Seconds, Field(gt=0.0)] = 300.0
    """Longest pause between two attempts."""

    rejoin_grace_s: Annotated[float, Field(ge=0.0, le=600.0)] = 2.0
    """After a restart, tasks found in the store wait so long for nodes that still work on them
    to say so, and are not begun a second time."""

    store_retry_s: Annotated[float, Field(ge=0.05, le=60.0)] = 1.0
    """Pause before results that the full store refused are written again."""

    preemptions_max: Annotated[int, Field(ge=0, le=1000)] = 2
    """How often one task that is declared resumable is stopped for others that somebody waits for.
    0 stops none. Each time it loses what it has done since its last checkpoint."""

    deadline_lead_s: Seconds = 60.0
    """With so much time left until its deadline, a task is as urgent as one of priority 10 that is
    submitted then. Set it to what queue and work usually take."""

    novelty_levels: Annotated[float, Field(ge=0.0, le=10.0)] = 0.5
    """So many levels more urgent is the first task of a kind (its type, and a concept it
    declares), the second half as many, the third a third. 0 makes no difference between them."""

    failure_levels: Annotated[float, Field(ge=0.0, le=10.0)] = 0.5
    """So many levels more urgent is a task for each attempt that went wrong: it has kept its
    requester waiting for longer than the others."""
