"""The whole mesh of a run, and everybody who notices what happens in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.frames import decode_frame, encode_frame
from cognitive_architecture.distributed_mesh.handlers import RunningTask
from cognitive_architecture.distributed_mesh.orchestrator import CognitiveMeshOrchestrator
from cognitive_architecture.foundation.settings import Settings
from cognitive_architecture.foundation.settings_check import amended_settings

from .agenda import Agenda
from .chance import Chance
from .fabric import SimulatedFabric
from .history import History
from .judging.breaches import BREACHES_MAX
from .judging.judge import Judge
from .judging.leasing import host_of
from .judging.nodes import FORGED
from .judging.rules import Rules
from .members import ClientMember, Member, NodeMember, OrchestratorMember
from .network import Network, Weather
from .plan import NodePlan, Plan
from .process import Process
from .store import SimulatedDisk

ORCHESTRATOR: Final = "o"

_KEPT_BACK: Final = 0.3
"""Share of frames with pieces of a stream, or with tasks, from which whoever lies takes them."""

_FRAME_BYTES_MAX: Final = 4 * 1024 * 1024
"""Nothing in a plan makes anybody say so much at once."""

_LOOK_EVERY: Final = 4
"""Turns of the orchestrator between two looks into it: books that disagree go on disagreeing."""

Inspect = Callable[[CognitiveMeshOrchestrator], None]
"""Looks into a running orchestrator every few turns; raises ``AssertionError``."""


class Stage:
    """Everybody who takes part in a run."""

    def __init__(
        self,
        plan: Plan,
        history: History,
        *,
        inspect: Inspect | None = None,
        breaches_max: int = BREACHES_MAX,
    ) -> None:
        self.plan = plan
        self.agenda = Agenda()
        self.history = history
        self.is_quiet = False
        """Whether the last step has been done and nothing is broken any more."""
        self.has_stopped = False
        self.members: dict[str, Member] = {}
        """By host; a host without a living process has none."""
        self._inspect = inspect
        self._chance = Chance(plan.seed)
        self._settings = amended_settings(Settings(), dict(plan.settings))
        self.network = Network(self.agenda, self._chance, Weather(**plan.weather))
        self.disk = SimulatedDisk(self._chance, commit_s=plan.commit_s, locks=not plan.rivals)
        self._lives: dict[str, int] = {}
        self._buried: list[Process] = []
        self._nodes = {node.host: node for node in plan.nodes}
        self.ailments: dict[str, list[str]] = {}
        """By host: what is wrong with its handlers now, the latest last."""
        self.judge = Judge(
            self.disk.kept,
            Rules(
                is_calm=plan.is_calm,
                ageing_s=self._settings.dispatch.ageing_s,
                node_losses_max=self._settings.dispatch.node_losses_max,
                poison_nodes_max=self._settings.recovery.poison_nodes_max,
                hedge_after_s=self._settings.recovery.hedge_after_s,
                hedge_share=self._settings.recovery.hedge_share,
                failed_share=self._settings.shares.failed_share,
                queue_tasks_max=self._settings.dispatch.queue_tasks_max,
                lookahead_max=self._settings.node.lookahead_max,
                drain_timeout_s=self._settings.node.drain_timeout_s,
                rejoin_s=self._settings.node.rejoin_s,
                answer_timeout_s=self._settings.client.answer_timeout_s,
                falls_back="fallback" in self._settings.recovery.on_task_failure,
                slots={node.host: node.slots for node in plan.nodes},
                offers={node.host: frozenset(node.offers) for node in plan.nodes},
            ),
            self.agenda,
            self._stop,
            breaches_max=breaches_max,
        )
        self.liars: dict[str, int] = {}
        self._forged = 0
        self._turns = 0
        self._lies = self._chance.of("lies")
        self.network.on_frame = self._on_frame
        self.network.on_hearing = self._on_hearing
        self.network.on_news = self._on_news
        self.network.on_withdrawal = self._on_withdrawal
        self.network.tamper = self._tamper
        self.disk.on_commit = self._on_commit
        self.disk.on_contradiction = self.judge.durable.contradicted
        self.disk.on_open = self._on_open
        for host in (ORCHESTRATOR, *self._nodes, *plan.clients):
            self.start(host)

    # -- processes -----------------------------------------------------------------------------

    def start(self, host: str) -> None:
        """Start a process on a host that has none."""
        if host in self.members or self.has_stopped:
            return
        process = self._process(host)
        self._begin(host, process, self._member(host, process))

    def start_twin(self, host: str) -> None:
        """Start another process with the node id of a host's; nobody is told which is the first."""
        twin = f"{host}-twin"
        if twin not in self.members and not self.has_stopped:
            process = self._process(twin)
            self._begin(twin, process, self._node(self._nodes[host], process))

    def _process(self, host: str) -> Process:
        self._lives[host] = life = self._lives.get(host, 0) + 1
        process = Process(
            self.agenda,
            f"{host}.{life}",
            self._chance,
            rate=self.plan.rates.get(host, 1.0),
            on_trouble=self._on_trouble,
        )
        process.loop.turn_s = self.plan.turns_s.get(host, 0.0)
        return process

    def _begin(self, host: str, process: Process, member: Member) -> None:
        self.members[host] = member
        self.note(host, "run", f"starts its life {self._lives[host]}")
        process.run(member.main)

    def _member(self, host: str, process: Process) -> Member:
        if host in self.orchestrator_hosts:
            orchestrator = OrchestratorMember(process, self._settings, self.network, self.disk)
            reads = self._chance.of(f"reads of {process.name}")
            process.loop.let_threads_take(lambda: reads.uniform(0.0, 4.0) * self.plan.commit_s)
            if self._inspect is not None:
                process.loop.after_turn = lambda: self._look_into(orchestrator)
            return orchestrator
        if host in self._nodes:
            return self._node(self._nodes[host], process)
        return ClientMember(
            process,
            self._settings,
            self.network,
            self.judge,
            gives_up=lambda: self.is_quiet,
            has_rivals=bool(self.plan.rivals),
        )

    def _node(self, plan: NodePlan, process: Process) -> NodeMember:
        return NodeMember(process, plan, self._settings, self.network, self.judge, self)

    def _look_into(self, member: OrchestratorMember) -> None:
        self._turns += 1
        if self._turns % _LOOK_EVERY or self._inspect is None:
            return
        if member.orchestrator is not None:
            try:
                self._inspect(member.orchestrator)
            except AssertionError as error:
                what = str(error).partition("\n")[0] or "two books disagree"
                self.broken(f"inside {member.process.name}: {what}")

    def kill(self, host: str, *, silently: bool = False) -> None:
        """End a process without a word; silently if its machine dies with it."""
        member = self.members.pop(host, None)
        if member is None:
            return
        member.process.kill()
        member.crash()
        self.network.vanish(member.fabric, silently=silently)
        self.judge.executions.host_died(host)
        self._buried.append(member.process)

    def reap(self) -> None:
        """Clear away processes that have ended by themselves."""
        for host, member in list(self.members.items()):
            if not isinstance(member, ClientMember) and member.has_left:
                self.note(host, "run", "has left")
                self.kill(host)

    def living(self, kind: type[Any]) -> Iterator[Any]:
        """The members of a kind."""
        return (member for member in self.members.values() if isinstance(member, kind))

    # -- what is noticed -----------------------------------------------------------------------

    def note(self, who: str, kind: str, text: str) -> None:
        """Write something into the history."""
        self.history.note(self.agenda.now, who, kind, text)

    def broken(self, sentence: str) -> None:
        """Something that must never be has happened."""
        self.judge.breaches.broken(sentence)

    def began(self, host: str, task: RunningTask) -> int:
        """A handler was called."""
        number = self.judge.executions.began(host, task)
        self.note(host, "did", f"begins {number}: {task.task_id}, attempt {task.attempt}")
        return number

    def ended(self, execution: int, how: str, chunks: int = 0) -> None:
        """It is over."""
        if self.has_stopped:
            return  # only its remains are cleared away
        self.judge.executions.ended(execution, how, chunks)
        self.note(self.judge.executions.calls[execution].host, "did", f"ends {execution}: {how}")

    def was_interrupted(self, execution: int) -> None:
        """It was told to stop."""
        self.judge.executions.was_interrupted(execution)

    def ailment(self, host: str) -> str:
        """What is wrong with the host's handlers now."""
        return next(reversed(self.ailments.get(host, ())), "")

    def _on_frame(self, fabric: SimulatedFabric, address: str, frame: bytes) -> None:
        self.history.frame(self.agenda.now, fabric.name, address, frame)
        if len(frame) > _FRAME_BYTES_MAX:
            self.broken(f"{fabric.name} says {len(frame):,} bytes at once")
            self._stop()
            return
        self.judge.hearsay.frame_sent(fabric.name, address, frame)
        if fabric.listens and (gone_s := fabric.gone_for_s(address)):
            self.judge.hearsay.sent_to_the_gone(address, frame, gone_s)

    def _on_hearing(self, fabric: SimulatedFabric, address: str, frame: bytes) -> None:
        self.judge.hearsay.frame_heard(fabric.name, address, frame)

    def _on_news(self, fabric: SimulatedFabric, address: str, is_there: bool) -> None:
        if not fabric.listens:
            self.judge.hearsay.news(fabric.name, address, is_there=is_there)

    def _on_withdrawal(self, fabric: SimulatedFabric, _address: str) -> None:
        if fabric.host in self._nodes:
            self.judge.nodes.withdrawn(fabric.name)

    def _tamper(self, fabric: SimulatedFabric, address: str, frame: bytes) -> list[bytes]:
        """What comes of a frame: a node that lies mislays what it is given, too."""
        if not self.liars:
            return [frame]
        if self.liars.get(host_of(address)):
            left = self._without(m.Assign, frame)
            if left != [frame]:
                self.judge.hearsay.mislaid(address, frame)
            return left
        if not self.liars.get(fabric.host):
            return [frame]
        if (left := self._without(m.Chunk, frame)) != [frame]:
            return left
        sender, messages = decode_frame(frame)
        reports = [said for said in messages if isinstance(said, m.Report) and said.outcomes]
        if not reports:
            return [frame]
        lease = self.judge.leasing.lease_of_another(sender)
        if lease is None:
            return [frame, frame]
        forged = m.Outcome(lease, m.OutcomeKind.COMPLETED, b"\xa6forged", 0.1)
        self._forged += 1
        lie = m.Report(FORGED + self._forged, reports[0].granted, [forged])
        return [frame, frame, encode_frame(sender, [lie])]

    def _without(self, kind: type[m.Message], frame: bytes) -> list[bytes]:
        """The frame, sometimes without the messages of a kind."""
        sender, messages = decode_frame(frame)
        left = [said for said in messages if not isinstance(said, kind)]
        if len(left) == len(messages) or self._lies.random() >= _KEPT_BACK:
            return [frame]
        return [encode_frame(sender, left)] if left else []

    def _on_open(self, epoch: int) -> None:
        self.note(ORCHESTRATOR, "run", f"owns the store in epoch {epoch}")
        self.judge.durable.opened(epoch)

    def _on_commit(self, epoch: int, batch: Any, repeats: dict[int, str]) -> None:
        if batch.rows:
            endings = " ".join(f"{e.task_id}={e.status}" for e in batch.endings)
            self.note(
                ORCHESTRATOR,
                "commit",
                f"{len(batch.tasks)} tasks, {len(batch.attempts)} attempts, endings [{endings}]",
            )
        self.judge.durable.committed(epoch, batch, repeats)

    def _on_trouble(self, process: str, context: dict[str, Any]) -> None:
        error = context.get("exception")
        what = f"{type(error).__name__}: {error}" if error else str(context.get("message"))
        self.broken(f"{process}: nobody caught {what}")

    def _stop(self) -> None:
        self.has_stopped = True
        self.agenda.end()

    def clear_away(self) -> None:
        """Forget everybody, so that nothing of this run is left."""
        self.has_stopped = True
        for member in self.members.values():
            self._buried.append(member.process)
        for process in self._buried:
            process.loop.bury()
        self._buried.clear()
        self.members.clear()

    @property
    def orchestrator_hosts(self) -> list[str]:
        """The hosts of all that may own the store."""
        return [ORCHESTRATOR, *self.plan.rivals]

    @property
    def node_hosts(self) -> list[str]:
        """All nodes' hosts."""
        return list(self._nodes)
