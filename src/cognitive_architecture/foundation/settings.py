"""Every setting: its name, unit, limits, default, and the price of changing it.

Settings are frozen and checked when they are made. A section is what one room of the house
needs; nobody is handed more. ``settings_source`` fills them from ``cogmesh.toml``, from
``COGMESH_…`` variables and from flags.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

DEFAULT_PORT: Final = 7464
MIB: Final = 1024 * 1024

Seconds = Annotated[float, Field(ge=0.0, le=31_536_000.0)]
Port = Annotated[int, Field(ge=1, le=65_535)]
Endpoints = Annotated[
    list[
        Annotated[
            str,
            Field(
                pattern=r"^((tcp|udp|tls|quic|ws)/[^\s/]+:\d{1,5}"
                r"|(unixsock-stream|unixpipe|vsock|serial)/\S+)([?#]\S*)?$"
            ),
        ]
    ],
    Field(
        min_length=1,
        json_schema_extra={"allowed": "one or more endpoints, each like tcp/127.0.0.1:7464"},
    ),
]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class MeshSettings(_Section):
    """Which mesh, and how to reach it."""

    name: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$",
            json_schema_extra={
                "allowed": "1 to 64 letters, digits, '_', '.' and '-', the first a letter or digit"
            },
        ),
    ] = "home"
    """Name of the mesh; processes of different meshes do not hear each other."""

    listen: Endpoints = [f"tcp/127.0.0.1:{DEFAULT_PORT}"]
    """Endpoints an orchestrator listens at, as ``tcp/ADDRESS:PORT``. The default is this machine
    alone; there is no access control yet, so open it only to a network you trust."""

    connect: Endpoints = [f"tcp/127.0.0.1:{DEFAULT_PORT}"]
    """Endpoints a node or a client tries, as ``tcp/ADDRESS:PORT``."""

    connect_timeout_s: Annotated[Seconds, Field(gt=0.0)] = 5.0
    """How long to look for an orchestrator before giving up with a sentence."""

    ping_s: Annotated[float, Field(ge=0.0, le=10.0)] = 0.1
    """Seconds between two pings, by which a cut cable or a frozen process is noticed: datagrams to
    the address and port of the endpoint, over UDP. Where more than a hundred processes ping one
    orchestrator, it asks each of them for fewer. 0: no pings."""

    ping_silence_s: Annotated[float, Field(ge=0.2, le=60.0)] = 1.0
    """A steady process with which there was no contact for so long is gone. Whoever has pauses is
    waited for up to ten times as long: five times its longest pause lately."""

    link_lease_s: Annotated[float, Field(ge=0.2, le=300.0)] = 40.0
    """A process whose link is silent for so long is cut off by whoever it is linked to: each side
    is judged by the lease it has announced itself. It is what is left where pings do not get
    through: there, 1 to 5 s notice a cut cable sooner, and cut links on a network that loses
    packets."""


class StoreSettings(_Section):
    """Where tasks are kept, and for how long."""

    directory: Annotated[
        str | None,
        Field(
            min_length=1,
            examples=[".cogmesh"],
            json_schema_extra={"allowed": "the path of a folder"},
        ),
    ] = None
    """Folder of the durable store, made where it is missing. Without one, tasks are kept in
    memory and lost with the process; ``cogmesh up`` then takes ``./.cogmesh``."""

    ended_kept_s: Seconds = 7 * 24 * 3600.0
    """How long results of ended tasks are kept. A repeated submission of a task is recognised
    only as long as it is kept."""

    ended_kept_max: Annotated[int, Field(ge=0, le=1_000_000_000)] = 10_000_000
    """How many ended tasks are kept, whatever their age."""

    decisions_mib_max: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """MiB that the journal of decisions of one start may take, for ``cogmesh replay``; 0 keeps
    none. It needs a folder. A task takes about half a kilobyte in it, and a tenth more of the
    orchestrator's time."""


class DispatchSettings(_Section):
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


class ShareSettings(_Section):
    """How requesters share the nodes, and what a task costs its requester."""

    first_cost_s: Annotated[float, Field(gt=0.0, le=86_400.0)] = 0.1
    """What is reserved for a task whose type nobody has measured yet and that declares nothing,
    in seconds of a slot."""

    token_s: Annotated[float, Field(ge=0.0, le=3600.0)] = 0.0
    """What a token costs that a handler counts, in seconds of a slot; it is charged instead of the
    time. 0 charges the time."""

    prices: Annotated[
        dict[str, Annotated[float, Field(gt=0.0, le=31_536_000.0)]],
        Field(
            examples=[{"summarize": 2.5}],
            json_schema_extra={"allowed": "seconds of a slot by task type, each above 0"},
        ),
    ] = {}
    """Task types that cost the same however long they take, and what, in seconds of a slot."""

    failed_share: Annotated[float, Field(ge=0.0, le=1.0)] = 1.0
    """Which part of its time a failed or cancelled attempt is charged. An attempt whose node was
    lost, or that was handed back, is charged nothing."""

    burst_s: Annotated[float, Field(ge=0.0, le=86_400.0)] = 10.0
    """How far a requester may be ahead of its share, in seconds of a slot, with tasks that
    somebody waits for. Beyond, they wait for its turn like any other."""


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


class RecoverySettings(_Section):
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


Exponent = Annotated[float, Field(ge=0.0, le=16.0)]


class MatchingSettings(_Section):
    """How much each factor counts when a node is chosen: exponents of the score's factors.

    0 leaves a factor out, 1 takes it as it is, 2 makes it count twice. ``cogmesh weigh`` changes
    them while the mesh runs.
    """

    fit_weight: Exponent = 1.0
    """How far the preferences of the task are met."""

    load_weight: Exponent = 1.0
    """How free the node is. More spreads tasks evenly; less lets the best nodes fill up first."""

    success_weight: Exponent = 1.0
    """How well the node did, with the benefit of the doubt for one of which little is known."""

    speed_weight: Exponent = 1.0
    """How fast the node is, compared with the others at the same kind of task."""

    health_weight: Exponent = 1.0
    """How well its machine is."""

    affinity_weight: Exponent = 1.0
    """What the node has at hand already. More keeps stories at their node although it is busy."""


class Quota(_Section):
    """How much one requester may have; a field left out does not bound it."""

    running_max: Annotated[int | None, Field(ge=1, le=1_000_000, examples=[8])] = None
    """Tasks it may have running at once; further ones wait, and hold up nobody."""

    open_max: Annotated[int | None, Field(ge=1, le=100_000_000, examples=[100_000])] = None
    """Tasks it may have open at once, waiting or running; further ones are refused with a time to
    come back."""

    rate_per_s: Annotated[
        float | None,
        Field(
            gt=0.0,
            le=1_000_000.0,
            examples=[500.0],
            json_schema_extra={"allowed": "tasks in a second, above 0 and up to 1,000,000"},
        ),
    ] = None
    """Tasks it may submit in a second on average; further ones are refused with a time to come
    back."""

    burst_max: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    """Tasks it may submit at once, whatever its rate."""


class QuotaSettings(Quota):
    """How much each requester may have running, open, and submitted in a time."""

    requesters: Annotated[
        dict[str, Quota],
        Field(
            examples=[{"ann": {"running_max": 4, "rate_per_s": 10.0}}],
            json_schema_extra={
                "allowed": "for each requester a table with running_max, open_max, rate_per_s and "
                "burst_max"
            },
        ),
    ] = {}
    """Other quotas for some, by the name of the requester; what is left out there is as for
    everybody."""

    @model_validator(mode="before")
    @classmethod
    def _fill_in_what_is_left_out(cls, given: Any) -> Any:
        """Written out at once: what copies or records settings cannot tell what was left out."""
        if not isinstance(given, dict) or not isinstance(given.get("requesters"), dict):
            return given
        usual = {name: given[name] for name in Quota.model_fields if name in given}
        requesters = {}
        for name, quota in given["requesters"].items():
            own = quota.model_dump(exclude_unset=True) if isinstance(quota, Quota) else quota
            requesters[name] = usual | own if isinstance(own, dict) else own
        return given | {"requesters": requesters}


class NodeSettings(_Section):
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


class SupervisionSettings(_Section):
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


class ClientSettings(_Section):
    """How a program that is no node talks to the mesh."""

    answer_timeout_s: Annotated[Seconds, Field(gt=0.0)] = 30.0
    """How long a request may stay unanswered, a restart of the orchestrator included."""

    in_flight_max: Annotated[int, Field(ge=1, le=10_000_000)] = 20_000
    """Submitted and not yet acknowledged tasks of one client; beyond, ``submit`` waits."""


class AttentionSettings(_Section):
    """How an economy of attention steers the mesh. Amounts are STI, of which none is ever made."""

    is_on: bool = True
    """Whether accepted results earn wages, requesters have endowments, and what goes well together
    is learnt. Off: all requesters have equal shares, and nodes are chosen without affinity."""

    turn_s: Annotated[float, Field(ge=0.05, le=3600.0)] = 1.0
    """Time between two turns of the laws. A mesh in which nothing happened takes none. Lower steers
    sooner and writes more: a turn takes 1 to 2 ms, and tasks that come just then wait for it."""

    funds_sti: Annotated[float, Field(ge=1000.0, le=1e8)] = 100_000.0
    """What the bank is founded with; afterwards nothing is ever made or lost. A bank that exists
    keeps what it has."""

    target_sti: Annotated[float, Field(ge=0.0, le=1e8)] = 30_000.0
    """Funds that the bank wants to have left: below it rent is due and wages fall. What it holds is
    there for the endowments of new requesters."""

    buffer_sti: Annotated[float, Field(gt=0.0, le=1e8)] = 10_000.0
    """How far below its target the bank stops paying wages. Smaller reacts harder."""

    wage_sti: Annotated[float, Field(ge=0.0, le=1e6)] = 10.0
    """What one accepted result earns its node, and its capability, when the funds are at their
    target; up to twice as much when there is plenty."""

    rent_share_max: Annotated[float, Field(ge=0.0, le=1.0)] = 0.5
    """Largest share of what the focus holds above its poorest member that a turn's rent takes."""

    spread_share_max: Annotated[float, Field(ge=0.0, le=1.0)] = 0.2
    """Largest share of its STI that an account passes on along its links in one turn. More lets
    attention follow learnt pairs faster, and forget sooner who earned it."""

    learning_rate: Annotated[float, Field(gt=0.0, le=1.0)] = 0.1
    """How much one attempt moves the strength of the link between a capability and a node: after
    7 attempts half of the old belief is gone."""

    focus_max: Annotated[int, Field(ge=1, le=100_000)] = 100
    """Most members of the focus. Those outside pay no rent."""

    requester_sti: Annotated[float, Field(ge=0.0, le=1e6)] = 100.0
    """Endowment of a new requester. Shares are in proportion to endowments, but nobody gets less
    than a third of an equal share."""

    requesters_max: Annotated[int, Field(ge=1, le=1_000_000)] = 500
    """Requesters that have an account. A further one takes the place of whoever was not seen for
    longest and was never raised or lowered; its endowment goes back to the bank."""

    node_kept_s: Seconds = 3600.0
    """A node that has been away for so long is forgotten: its STI goes back to the bank, its links
    are removed."""

    level_sti: Annotated[float, Field(gt=0.0, le=1e6)] = 100.0
    """What an order to stimulate a concept must move to raise waiting tasks that declare it by one
    level of priority."""

    journal_bytes_max: Annotated[int, Field(ge=64 * 1024, le=1024 * MIB)] = 16 * MIB
    """Bytes of journal that are kept, for pictures of the past; half of it at least is there."""


class LogSettings(_Section):
    """What is written about what happens."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """What is less important than this is not written."""

    as_json: bool = False
    """One JSON object a line instead of text for people."""


class MetricsSettings(_Section):
    """What Prometheus may read."""

    listen: Annotated[
        str | None,
        Field(
            pattern=r"^[^\s:/]+:\d{1,5}$",
            examples=["127.0.0.1:9464"],
            json_schema_extra={"allowed": "ADDRESS:PORT"},
        ),
    ] = None
    """Where an orchestrator shows its measures, as ``ADDRESS:PORT``; nowhere by default. There is
    no access control, so open it only to a network you trust."""


class Settings(_Section):
    """All sections."""

    mesh: MeshSettings = MeshSettings()
    store: StoreSettings = StoreSettings()
    dispatch: DispatchSettings = DispatchSettings()
    recovery: RecoverySettings = RecoverySettings()
    matching: MatchingSettings = MatchingSettings()
    shares: ShareSettings = ShareSettings()
    quotas: QuotaSettings = QuotaSettings()
    node: NodeSettings = NodeSettings()
    supervision: SupervisionSettings = SupervisionSettings()
    client: ClientSettings = ClientSettings()
    attention: AttentionSettings = AttentionSettings()
    log: LogSettings = LogSettings()
    metrics: MetricsSettings = MetricsSettings()
