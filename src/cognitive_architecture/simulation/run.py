"""Plays a plan to its end: the storm, the quiet after it, a last proof, and everybody goes home."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import structlog
from msgspec.structs import replace

from cognitive_architecture.distributed_mesh.orchestrator import CognitiveMeshOrchestrator

from .agenda import RunsForEver
from .history import History
from .judging.breaches import BREACHES_MAX
from .judging.tally import Tally
from .members import ClientMember, NodeMember, OrchestratorMember
from .plan import Plan, Step
from .stage import ORCHESTRATOR, Inspect, Stage
from .steps import do

QUIET_BOUND_S: Final = 600.0
"""When nothing breaks any more, an attempt ends every so often until everything has ended: the only
node that can do a task is left out for five minutes at most between two of its attempts."""
_FAREWELL_BOUND_S: Final = 90.0
_LOOK_S: Final = 0.5
_COLLECT_S: Final = 600.0

_NEVER_TO_BE_LOGGED: Final = frozenset(
    {
        "message_not_for_an_orchestrator",
        "message_not_for_a_node",
        "message_not_for_a_client",
        "message_unsendable",
        "frame_refused",
        "commit_failed_unexpectedly",
        "peer_speaks_another_version",
        "vitals_not_measured",
        "old_tasks_not_removed",
    }
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a run."""

    plan: Plan
    breaches: list[str]
    fingerprint: str
    virtual_s: float
    frames: int
    tally: Tally
    history: History

    @property
    def is_sound(self) -> bool:
        """Whether nothing was broken."""
        return not self.breaches


def play(
    plan: Plan,
    *,
    inspect: Inspect | None = None,
    keeps_notes: bool = True,
    breaches_max: int = BREACHES_MAX,
    is_wanted: Callable[[], bool] = lambda: True,
) -> Verdict:
    """Play a plan.

    Args:
        plan: What happens.
        inspect: Looks into the orchestrator every few turns.
        keeps_notes: Whether the history is to be read.
        breaches_max: With so many the run ends early.
        is_wanted: Asked now and then; the run ends early when it says no.

    Returns:
        What was broken, and the history with its fingerprint. The same plan gives the same, byte
        for byte, on every machine and in every process.
    """
    with _alone() as listen:
        history = History(keeps_notes=keeps_notes)
        # Held by nothing here, so that all of it can be cleared away when the run is over.
        return _play(
            Stage(plan, history, inspect=inspect, breaches_max=breaches_max), is_wanted, listen
        )


def _play(stage: Stage, is_wanted: Callable[[], bool], listen: Callable[[Stage], None]) -> Verdict:
    for step in stage.plan.steps:
        stage.agenda.at(step.at, do, stage, step)
    listen(stage)
    run = _Run(stage, is_wanted)
    try:
        run.to_the_end()
    except RunsForEver as error:
        stage.broken(str(error))
    finally:
        stage.clear_away()
    history, judge = stage.history, stage.judge
    for breach in judge.breaches.sentences:
        history.note(stage.agenda.now, "judge", "broken", breach)
    return Verdict(
        stage.plan,
        judge.breaches.sentences,
        history.fingerprint(),
        stage.agenda.now,
        history.frames,
        judge.tally,
        history,
    )


class _Run:
    def __init__(self, stage: Stage, is_wanted: Callable[[], bool]) -> None:
        self._stage = stage
        self._agenda = stage.agenda
        self._is_wanted = is_wanted
        self._collected_at = 0.0

    def to_the_end(self) -> None:
        plan = self._stage.plan
        storm_ends = max([plan.lasts_s, *(step.ends_at for step in plan.steps)]) + 0.01
        while self._agenda.now < storm_ends and self._goes_on():
            self._pass(min(_COLLECT_S, storm_ends - self._agenda.now))
        for act in (self._quiet, self._proof, self._farewell):
            if self._goes_on():
                act()

    def _goes_on(self) -> bool:
        return not self._stage.has_stopped and self._is_wanted()

    def _pass(self, seconds: float) -> None:
        self._agenda.run_until(self._agenda.now + seconds)
        self._stage.reap()
        if self._agenda.now - self._collected_at >= _COLLECT_S:
            self._collected_at = self._agenda.now
            gc.collect()

    # -- after the storm -----------------------------------------------------------------------

    def _quiet(self) -> None:
        """Nothing breaks any more and everybody is there: everything must end, and be told."""
        stage = self._stage
        stage.is_quiet = True
        stage.note("", "trouble", "nothing breaks any more")
        patience = _Patience(stage)
        while self._goes_on():
            for host in stage.node_hosts:
                stage.start(host)
            if not any(stage.living(OrchestratorMember)):
                stage.start(ORCHESTRATOR)
            self._pass(_LOOK_S)
            if not (left := self._left_undone()):
                return
            if patience.is_over():
                stage.broken(f"for {QUIET_BOUND_S:g} s nothing has ended, and {left}")
                return

    def _left_undone(self) -> str:
        """What has not ended, in words; empty if everything has."""
        stage = self._stage
        for client in stage.living(ClientMember):
            if not client.is_done:
                return f"{client.process.name} still waits: {client.waits_for}"
        owners = list(stage.living(OrchestratorMember))
        if len(owners) > 1:
            return f"{len(owners)} orchestrators are there"
        for member in owners:
            if member.orchestrator is None:
                return "the orchestrator has not begun"
            tasks = member.orchestrator.get_mesh_status()["tasks"]
            if tasks["pending"] or tasks["running"]:
                return f"the orchestrator still has {tasks}"
            if misplaced := self._misplaced(member.orchestrator):
                return misplaced
        lost = [
            task_id for task_id in stage.judge.clients.acknowledged if not self._has_ended(task_id)
        ]
        if lost:
            return f"{lost[0]} was acknowledged and is {stage.judge.status(lost[0])}"
        for host in stage.node_hosts:
            health = stage.judge.leasing.health.get(host)
            if health is not None and (health.held or health.reported):
                return f"{host} still holds {[*health.held, *health.reported]}"
        return ""

    def _misplaced(self, orchestrator: CognitiveMeshOrchestrator) -> str:
        """Whether every node has its seat, nobody else has one, and nothing is on any."""
        seated = {node.node_id: node for node in orchestrator.nodes()}
        if sorted(seated) != (there := sorted(self._stage.node_hosts)):
            return f"seated are {sorted(seated)}, there are {there}"
        busy = sorted(host for host, node in seated.items() if node.current_load)
        return f"{', '.join(busy)} is busy with nothing" if busy else ""

    def _has_ended(self, task_id: str) -> bool:
        return self._stage.judge.status(task_id) not in ("open", "unknown")

    # -- the last proof ------------------------------------------------------------------------

    def _proof(self) -> None:
        """The mesh still works, and every node in it: nothing was leaked in the storm."""
        stage = self._stage
        stage.note("", "work", "a last proof that every node works")
        clients = list(stage.living(ClientMember))
        client = clients[0]
        steps = [
            Step(
                0.0,
                "submit",
                client.fabric.host,
                {
                    "how": "run",
                    "type": offer,
                    "timeout": 20.0,
                    "payload": {"does": "return", "s": 0.05},
                },
            )
            for node in stage.plan.nodes
            for offer in node.offers
            for _ in range(2 * node.slots)
        ]
        before = stage.judge.tally.completed
        for number, step in enumerate(steps, 1):
            client.begin(replace(step, what=step.what | {"tag": -number}))
        patience = _Patience(stage)
        while self._goes_on() and self._left_undone():
            if patience.is_over():
                stage.broken(f"the mesh no longer works: {self._left_undone()}")
                return
            self._pass(_LOOK_S)
        completed = stage.judge.tally.completed - before
        if completed < len(steps) and self._goes_on():
            stage.broken(f"of {len(steps)} last tasks {completed} were completed")

    # -- everybody goes home -------------------------------------------------------------------

    def _farewell(self) -> None:
        """Clients leave, then nodes, then the orchestrator; each in good order."""
        for kind in (ClientMember, NodeMember, OrchestratorMember):
            leaving: dict[str, asyncio.Task[None]] = {}
            for member in self._stage.living(kind):
                member.process.loop.call_soon(_begin_leaving, member, leaving)
            expected = sum(1 for _ in self._stage.living(kind))
            deadline = self._agenda.now + _FAREWELL_BOUND_S
            while len(leaving) < expected or not all(task.done() for task in leaving.values()):
                if self._agenda.now >= deadline:
                    late = sorted(name for name, task in leaving.items() if not task.done())
                    self._stage.broken(f"{', '.join(late)} was asked to leave and does not")
                    return
                self._agenda.run_until(self._agenda.now + _LOOK_S)
            if kind is OrchestratorMember and self._stage.disk.locked_by is not None:
                self._stage.broken("the orchestrator has left and keeps the store")
            for name, task in leaving.items():
                if task.exception() is not None:
                    self._stage.broken(f"{name} could not leave: {task.exception()!r}")


class _Patience:
    """How long nothing has ended."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._attempts = stage.judge.tally.attempts
        self._since = stage.agenda.now

    def is_over(self) -> bool:
        """Whether no attempt has ended for so long that none will."""
        if (attempts := self._stage.judge.tally.attempts) != self._attempts:
            self._attempts, self._since = attempts, self._stage.agenda.now
        return self._stage.agenda.now - self._since >= QUIET_BOUND_S


def _begin_leaving(member: Any, leaving: dict[str, asyncio.Task[None]]) -> None:
    leaving[member.process.name] = member.process.loop.create_task(member.stop())


@contextmanager
def _alone() -> Iterator[Callable[[Stage], None]]:
    """Let nothing outside the run decide anything in it, and log into its history."""
    stages: list[Stage] = []

    def into_history(_logger: object, level: str, event: MutableMapping[str, Any]) -> str:
        if stages:
            _log(stages[0], level, event)
        raise structlog.DropEvent

    loop = asyncio._get_running_loop()  # noqa: SLF001 - whoever calls may have one
    asyncio._set_running_loop(None)  # noqa: SLF001
    config = structlog.get_config()
    hooks = sys.get_asyncgen_hooks()
    collects, is_frozen = gc.isenabled(), gc.get_freeze_count() > 0
    structlog.configure(processors=[into_history])
    # When Python clears circles away depends on what ran before; here it does so at set times.
    gc.disable()
    if not is_frozen:
        gc.freeze()  # then only what the run makes is looked at
    try:
        yield stages.append
    finally:
        sys.set_asyncgen_hooks(*hooks)
        structlog.configure(**config)
        asyncio._set_running_loop(loop)  # noqa: SLF001
        # Circles of the run are many and nobody else would find them: between two runs too little
        # is made for Python to look. Some three million attempts had filled 16 GB.
        stages.clear()
        gc.collect()
        if not is_frozen:
            gc.unfreeze()
        if collects:
            gc.enable()


def _log(stage: Stage, level: str, event: MutableMapping[str, Any]) -> None:
    loop = asyncio._get_running_loop()  # noqa: SLF001
    who = getattr(loop, "name", "")
    name = event.pop("event", "")
    facts = " ".join(f"{key}={value}" for key, value in event.items() if value is not None)
    stage.note(who, "log", f"{level} {name} {facts}")
    if name in _NEVER_TO_BE_LOGGED:
        stage.broken(f"{who} says {name}: {facts}")
