"""The dispatch machine against everything that can happen to it, in any order.

Hypothesis drives a whole mesh (``tests/support/mesh_model.py``) with whatever it thinks of:
submissions, writes that are late or refused, nodes that come, go, fall silent, restart, report
twice, too late or what is not theirs, hand back and drain, cancellations, time, and restarts of
the orchestrator at every instant. After each step a judge who sees only the disk and what is told
checks the guarantees; in the end faults stop, and everything must end and be told.

``COGMESH_HYPOTHESIS=deep`` hunts for as long as there is patience.
"""

import sys

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from cognitive_architecture.distributed_mesh.messages import Cancel, OutcomeKind, Submit
from cognitive_architecture.foundation.settings import DispatchSettings, RecoverySettings
from tests.support.builders import a_spec, packed
from tests.support.examples import quick
from tests.support.mesh_model import MeshModel
from tests.support.mesh_model_peers import ModelClient, ModelNode

SETTINGS = DispatchSettings(
    queue_tasks_max=6,
    queue_bytes_max=1024 * 1024,
    ageing_s=10.0,
    node_silence_s=3.0,
    node_silence_max_s=4.0,
    node_mute_max_s=8.0,
    timeout_grace_s=1.0,
    node_losses_max=4,
    backoff_max_s=4.0,
    rejoin_grace_s=2.0,
    store_retry_s=1.0,
)
RECOVERY = RecoverySettings(hedge_factor=1.0, hedge_after_s=0.5, hedge_share=1.0)
NODES = {"n1": (["echo"], 1), "n2": (["echo", "sum"], 2), "n3": (["echo", "sum", "gpu"], 1)}

indexes = st.integers(0, 30)
kinds = st.sampled_from(
    [
        OutcomeKind.COMPLETED,
        OutcomeKind.COMPLETED,
        OutcomeKind.COMPLETED,
        OutcomeKind.FAILED,
        OutcomeKind.FAILED,
        OutcomeKind.FAILED_FOR_GOOD,
        OutcomeKind.TIMED_OUT,
    ]
)


class DispatchHistory(RuleBasedStateMachine):
    """One history of one mesh."""

    task_ids: list[str]

    @initialize()
    def begin(self) -> None:
        self.mesh = MeshModel(SETTINGS, nodes=NODES, recovery=RECOVERY)
        self.task_ids = []

    # -- who there is --------------------------------------------------------------------------

    def _nodes(self, *, linked: bool) -> list[ModelNode]:
        return [n for n in self.mesh.nodes if n.is_running and n.is_linked == linked]

    # -- requesters ----------------------------------------------------------------------------

    @rule(
        who=indexes,
        count=st.integers(1, 3),
        again=st.none() | indexes,
        key=st.none() | st.integers(0, 2),
        task_type=st.sampled_from(["echo", "echo", "echo", "sum", "nobody"]),
        gpu=st.booleans(),
        priority=st.integers(0, 10),
        max_attempts=st.integers(1, 3),
        backoff_s=st.sampled_from([0.0, 0.5, 4.0]),
        timeout_s=st.sampled_from([2.0, 2.0, 60.0]),
        tell=st.booleans(),
        large=st.booleans(),
        requester=st.sampled_from(["ann", "bob", None]),
        interactive=st.booleans(),
        resumable=st.booleans(),
        exclusive=st.sampled_from([False, False, False, True]),
    )
    def submit(  # noqa: PLR0917 - Hypothesis names them all
        self,
        who: int,
        count: int,
        again: int | None,
        key: int | None,
        task_type: str,
        gpu: bool,
        priority: int,
        max_attempts: int,
        backoff_s: float,
        timeout_s: float,
        tell: bool,
        large: bool,
        requester: str | None,
        interactive: bool,
        resumable: bool,
        exclusive: bool,
    ) -> None:
        client = self._client(who)
        task_ids = [f"t{len(self.task_ids) + number}" for number in range(count)]
        if again is not None and self.task_ids:
            task_ids[-1] = self.task_ids[again % len(self.task_ids)]
        self.task_ids += [task_id for task_id in task_ids if task_id not in self.task_ids]
        specs = [
            a_spec(
                task_id,
                task_type,
                payload=packed({"x": "y" * (300_000 if large else 0)}),
                priority=priority,
                timeout_s=timeout_s,
                requester=requester,
                latency_target_s=1.0 if interactive else None,
                resumable=resumable,
                exclusive=exclusive,
                capabilities=("gpu",) if gpu else (),
                key=None if key is None else f"key-{key}-{task_id if number else ''}",
                max_attempts=max_attempts,
                backoff_s=backoff_s,
                wait_for_node=task_type != "nobody",
            )
            for number, task_id in enumerate(task_ids)
        ]
        self.mesh.requests += 1
        client.ask(Submit(self.mesh.requests, specs, tell))

    @rule(who=indexes, which=indexes, and_which=st.none() | indexes)
    def cancel(self, who: int, which: int, and_which: int | None) -> None:
        wanted = [self._task(which), *([] if and_which is None else [self._task(and_which)])]
        self.mesh.requests += 1
        self._client(who).ask(Cancel(self.mesh.requests, wanted))

    @rule(who=indexes, which=indexes, stream=st.booleans())
    def watch(self, who: int, which: int, stream: bool) -> None:
        self._client(who).watch(self._task(which), stream=stream)

    @rule(who=indexes)
    def cut_client(self, who: int) -> None:
        client = self._client(who)
        if client.is_linked:
            self.mesh.cut_client(client)
        else:
            client.heal()

    def _client(self, index: int) -> ModelClient:
        return self.mesh.clients[index % len(self.mesh.clients)]

    def _task(self, index: int) -> str:
        return self.task_ids[index % len(self.task_ids)] if self.task_ids else "never-heard-of"

    # -- the network ---------------------------------------------------------------------------

    @rule(who=indexes, count=st.integers(1, 5))
    def messages_arrive_at_the_orchestrator(self, who: int, count: int) -> None:
        peers = [peer for peer in self.mesh.peers if peer.outbox]
        if peers:
            peer = peers[who % len(peers)]
            for _ in range(min(count, len(peer.outbox))):
                self.mesh.carry_to_orchestrator(peer)

    @rule(who=indexes, count=st.integers(1, 5))
    def messages_of_the_orchestrator_arrive(self, who: int, count: int) -> None:
        peers = [peer for peer in self.mesh.peers if peer.inbox]
        if peers:
            peer = peers[who % len(peers)]
            for _ in range(min(count, len(peer.inbox))):
                peer.hear()

    @rule()
    def everything_arrives(self) -> None:
        for peer in self.mesh.peers:
            while peer.outbox:
                self.mesh.carry_to_orchestrator(peer)
            while peer.inbox:
                peer.hear()

    # -- the disk ------------------------------------------------------------------------------

    @precondition(lambda self: self.mesh.commit is None and self.mesh.waiting)
    @rule()
    def a_commit_begins(self) -> None:
        self.mesh.begin_commit()

    @precondition(lambda self: self.mesh.commit is not None and not self._is_decided)
    @rule(has_room=st.sampled_from([True, True, True, False]))
    def a_commit_lands(self, has_room: bool) -> None:
        self.mesh.land_commit(has_room=has_room)

    @precondition(lambda self: self.mesh.commit is not None and self._is_decided)
    @rule()
    def a_commit_is_answered(self) -> None:
        self.mesh.answer_commit()

    @property
    def _is_decided(self) -> bool:
        commit = self.mesh.commit
        return commit is not None and (commit.has_failed or commit.repeats is not None)

    @rule(has_room=st.sampled_from([True, True, True, False]))
    def everything_is_committed(self, has_room: bool) -> None:
        if has_room:
            self.mesh.commit_all()
        elif self.mesh.commit is None and self.mesh.waiting:
            self.mesh.begin_commit()
            self.mesh.land_commit(has_room=False)
            self.mesh.answer_commit()

    # -- nodes ---------------------------------------------------------------------------------

    @rule(which=indexes)
    def a_node_starts(self, which: int) -> None:
        idle = [node for node in self.mesh.nodes if not node.is_running]
        if idle:
            idle[which % len(idle)].start()

    @rule(which=indexes, kill=st.booleans())
    def a_link_breaks(self, which: int, kill: bool) -> None:
        nodes = self._nodes(linked=True)
        if nodes:
            node = nodes[which % len(nodes)]
            if kill:
                self.mesh.kill_node(node)
            else:
                self.mesh.cut_node(node)

    @rule(which=indexes)
    def a_link_heals(self, which: int) -> None:
        nodes = self._nodes(linked=False)
        if nodes:
            nodes[which % len(nodes)].heal()

    @precondition(lambda self: self.mesh.unnoticed)
    @rule()
    def a_loss_is_noticed(self) -> None:
        self.mesh.notice()

    @rule(which=indexes, lease=indexes, kind=kinds)
    def a_handler_ends(self, which: int, lease: int, kind: int) -> None:
        nodes = [n for n in self.mesh.nodes if n.is_running and n.working]
        if nodes:
            node = nodes[which % len(nodes)]
            node.finish(list(node.working)[lease % len(node.working)], kind)

    @rule(which=indexes, lease=indexes)
    def a_handler_yields(self, which: int, lease: int) -> None:
        nodes = [n for n in self.mesh.nodes if n.is_running and n.working]
        if nodes:
            node = nodes[which % len(nodes)]
            node.stream(list(node.working)[lease % len(node.working)])

    @rule(which=indexes, number=indexes)
    def a_report_is_repeated(self, which: int, number: int) -> None:
        nodes = [n for n in self._nodes(linked=True) if n.unkept]
        if nodes:
            node = nodes[which % len(nodes)]
            node.repeat(list(node.unkept)[number % len(node.unkept)])

    @rule(which=indexes, lease=indexes)
    def a_report_is_forged(self, which: int, lease: int) -> None:
        nodes = self._nodes(linked=True)
        if nodes:
            node = nodes[which % len(nodes)]
            others = [
                issued
                for issued, (_, address) in self.mesh.issued.items()
                if address != node.address
            ]
            if others:
                node.forge(others[-1 - lease % len(others)])

    @rule(which=indexes, lease=indexes, refused=st.booleans())
    def work_is_handed_back(self, which: int, lease: int, refused: bool) -> None:
        nodes = [n for n in self._nodes(linked=True) if n.working]
        if nodes:
            node = nodes[which % len(nodes)]
            node.hand_back([list(node.working)[lease % len(node.working)]], refused=refused)

    @rule(which=indexes, graceful=st.booleans())
    def a_node_drains_or_leaves(self, which: int, graceful: bool) -> None:
        nodes = self._nodes(linked=True)
        if nodes:
            node = nodes[which % len(nodes)]
            if graceful and not node.is_draining:
                node.drain()
            elif not node.working:
                node.leave()

    # -- time ----------------------------------------------------------------------------------

    @rule(
        seconds=st.sampled_from([0.1, 0.5, 1.0, 1.0, 2.5, 5.0]),
        hearts_beat=st.booleans(),
        answer_pings=st.booleans(),
    )
    def time_passes(self, seconds: float, hearts_beat: bool, answer_pings: bool = False) -> None:
        self.mesh.pass_time(seconds, in_contact=self.mesh.nodes if answer_pings else ())
        for node in self.mesh.nodes:
            if hearts_beat:
                node.beat()
            if node.is_refused:
                node.hello()

    @rule()
    def the_orchestrator_restarts(self) -> None:
        self.mesh.restart()

    # -- what must hold ------------------------------------------------------------------------

    @invariant()
    def the_judge_agrees(self) -> None:
        if hasattr(self, "mesh"):
            self.mesh.judge()

    def teardown(self) -> None:
        if hasattr(self, "mesh") and sys.exc_info()[0] is None:
            self.mesh.quiet_down()


class HedgedHistory(DispatchHistory):
    """One history of a mesh that begins with tasks that take long and were begun a second time."""

    @initialize()
    def begin(self) -> None:
        super().begin()
        for node in self.mesh.nodes:
            node.start()
        client = self._client(0)
        self.task_ids = [f"late-{number}" for number in range(2)]
        specs = [a_spec(task_id, timeout_s=8.0, max_attempts=2) for task_id in self.task_ids]
        self.mesh.requests += 1
        client.ask(Submit(self.mesh.requests, specs, tell=True))
        client.watch(self.task_ids[0], stream=True)
        self._settle_down()
        self.time_passes(seconds=1.0, hearts_beat=True)
        self._settle_down()
        assert self.mesh.board.tally.hedged > 0

    def _settle_down(self) -> None:
        self.everything_arrives()
        self.mesh.commit_all()
        self.everything_arrives()


TestDispatchHistory = DispatchHistory.TestCase
TestDispatchHistory.settings = quick(200, steps=60)

TestHedgedHistory = HedgedHistory.TestCase
TestHedgedHistory.settings = quick(200, steps=25)
