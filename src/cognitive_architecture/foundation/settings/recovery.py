"""What is done about failures."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .kinds import Seconds, Section

Strategies = list[
    Literal[
        "restart",
        "redistribute",
        "replicate",
        "fallback",
        "circuit_breaker",
        "graceful_degradation",
    ]
]


class RecoverySettings(Section):
    """When nodes are distrusted, and what is done about failures."""

    on_node_crash: Strategies = ["redistribute", "restart"]
    """What is done when a node is gone. Without ``redistribute`` its tasks end as failed."""

    on_node_unresponsive: Strategies = ["redistribute", "circuit_breaker", "restart"]
    """What is done when a node falls silent, or is there and of no use. Without ``circuit_breaker``
    one that stands still or is much slower than its peers goes on being given work."""

    on_network_partition: Strategies = ["redistribute"]
    """What is done when many nodes vanish at once; see ``partition_grace_s``."""

    on_task_timeout: Strategies = ["replicate", "redistribute", "fallback", "circuit_breaker"]
    """What is done when an attempt takes too long or its stream stalls. Without ``replicate`` no
    second attempt is begun beside one that takes unusually long, without ``redistribute``
    there is no other attempt, without ``fallback`` no other capability is tried, without
    ``circuit_breaker`` a node that goes on failing goes on being asked."""

    on_task_failure: Strategies = ["redistribute", "fallback", "circuit_breaker"]
    """What is done when an attempt fails; as for ``on_task_timeout``."""

    on_resource_exhaustion: Strategies = ["graceful_degradation"]
    """What is done when something is used up. Without ``graceful_degradation`` a queue that fills
    up refuses everybody alike at its bound, instead of what matters least first, and nothing waits
    because the store or the nodes have too much to do."""

    on_communication_failure: Strategies = ["redistribute"]
    """What is done when something never reached its node. Without ``redistribute`` its task ends
    as failed."""

    poison_nodes_max: Annotated[int, Field(ge=1, le=1000)] = 3
    """A task is quarantined, that is failed with its evidence, when so many different nodes were
    lost while they worked on it."""

    flapping_losses_max: Annotated[int, Field(ge=1, le=1000)] = 3
    """A node that was lost more often than this within about ``flapping_half_life_s`` gets nothing
    when it is back, for longer each time."""

    flapping_half_life_s: Annotated[float, Field(ge=0.1, le=86_400.0)] = 60.0
    """Time in which a loss counts half. A node is left out for three of these at most."""

    partition_grace_s: Annotated[float, Field(ge=0.0, le=600.0)] = 2.0
    """When at least three nodes and half of all vanish together, their tasks wait so long for them
    to come back and go on. Lower begins them elsewhere sooner, perhaps a second time."""

    stall_intervals_max: Annotated[int, Field(ge=2, le=1_000_000)] = 50
    """A streamed result that pauses for so many of its own intervals has stalled, and its attempt
    is given up."""

    stall_s: Annotated[Seconds, Field(gt=0.0)] = 20.0
    """No shorter pause of a stream counts as a stall."""

    hedge_factor: Annotated[float, Field(ge=1.0, le=1000.0)] = 2.0
    """A task is late when its node has had it for so many times what 95 of 100 of its type take;
    then a second attempt is begun on a node that has nothing to do. Lower helps sooner, and spends
    the budget on tasks that would have come anyway."""

    hedge_after_s: Annotated[Seconds, Field(gt=0.0)] = 2.0
    """No task is late before."""

    hedge_samples_min: Annotated[int, Field(ge=1, le=1000)] = 20
    """Attempts of a type that must have gone well before it is known what is usual."""

    hedge_share: Annotated[float, Field(ge=0.0, le=1.0)] = 0.02
    """Second attempts that each accepted result pays for: of 100 results, two. 0 begins none."""
