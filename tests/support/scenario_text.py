"""Scenarios of the dispatch machine as text: commands, and what the machine orders in answer.

    submit a
    ----
    write 2: task a
    tell ann: accepted
    tell n1: assign a (attempt 1, lease 1.1)

A line that begins with ``#`` is a comment. A command is one line; what follows ``----`` up to the
next empty line is what must come out. Time stands still until ``wait``; what comes out then
carries its instant. Leases are written ``epoch.number``. Everybody is called by the last part of
the address. ``COGMESH_REWRITE_SCENARIOS=1 pytest tests/scenarios`` writes what came out into the
files: read the difference before you believe it.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from cognitive_architecture.distributed_mesh.machines import events
from cognitive_architecture.distributed_mesh.machines.effects import (
    Effect,
    Incident,
    LookUp,
    Tell,
    Write,
)
from cognitive_architecture.distributed_mesh.machines.entry import Phase
from cognitive_architecture.distributed_mesh.machines.explaining import explain
from cognitive_architecture.distributed_mesh.messages import (
    Accepted,
    Answer,
    Assign,
    Cancelled,
    Denied,
    Ended,
    Happened,
    Heard,
    Introduce,
    Kept,
    Message,
    NodeRefused,
    NotFound,
    Outcome,
    Stop,
    Welcome,
)
from cognitive_architecture.distributed_mesh.model import Change, Ending, TaskEvent
from cognitive_architecture.distributed_mesh.records import WriteBatch
from cognitive_architecture.foundation.settings import DispatchSettings, RecoverySettings

from .builders import a_spec, completed, failed, packed, timed_out
from .harness import DispatchHarness, Worker

_LEASES_PER_EPOCH = 1 << 40
_WAIT = "wait"


@dataclass
class Step:
    """One command of a scenario."""

    above: list[str]
    """Comments and empty lines before it."""
    command: str
    expected: list[str] = field(default_factory=list)


def read_scenario(text: str) -> tuple[list[Step], list[str]]:
    """The steps of a file, and the lines that follow the last one."""
    steps: list[Step] = []
    above: list[str] = []
    lines = iter(text.splitlines())
    for line in lines:
        if not line or line.startswith("#"):
            above.append(line)
            continue
        separator = next(lines, "")
        assert separator == "----", f"after {line!r} comes '----', not {separator!r}"
        step = Step(above, line)
        above = [""]
        for expected in lines:
            if not expected:
                break
            step.expected.append(expected)
        steps.append(step)
    return steps, above


def write_scenario(path: Path, steps: list[Step], below: list[str]) -> None:
    """The inverse of ``read_scenario``."""
    lines: list[str] = []
    for step in steps:
        lines += [*step.above, step.command, "----", *step.expected]
    path.write_text("\n".join([*lines, *below]).rstrip("\n") + "\n")


class ScenarioRunner:
    """Does what the commands say and puts what comes out into words."""

    def __init__(self) -> None:
        self.mesh = DispatchHarness()
        self._nodes: dict[str, Worker] = {}
        self._reports: dict[str, list[Outcome]] = {}

    def run(self, command: str) -> list[str]:
        """The lines that come out."""
        verb, *words = shlex.split(command)
        act: Callable[..., list[str] | None] = getattr(self, "do_" + verb.replace("-", "_"))
        named = dict(word.split("=", 1) for word in words if "=" in word)
        plain = [word for word in words if "=" not in word]
        if verb == "restart":
            act(*plain, **named)
            return self._since(0, timed=False) or ["(nothing)"]
        began = len(self.mesh.effects)
        shown = act(*plain, **named)
        if shown is not None:
            return shown
        return self._since(began, timed=verb == _WAIT) or ["(nothing)"]

    def _since(self, began: int, *, timed: bool) -> list[str]:
        return [
            f"@{instant:g} {line}" if timed else line
            for effect, instant in zip(
                self.mesh.effects[began:], self.mesh.instants[began:], strict=True
            )
            for line in self._lines(effect)
        ]

    # -- surroundings --------------------------------------------------------------------------

    def do_settings(self, **changes: str) -> list[str]:
        """Begin anew with other settings; strategies have commas between them."""
        of_recovery: dict[str, Any] = {
            name: changes.pop(name) for name in list(changes) if name.startswith(("hedge_", "on_"))
        }
        for name, words in of_recovery.items():
            if name.startswith("on_"):
                of_recovery[name] = words.split(",")
        settings = DispatchSettings.model_validate(changes)
        recovery = RecoverySettings.model_validate(of_recovery)
        self.mesh = DispatchHarness(settings, recovery=recovery)
        return ["ok"]

    def do_hold_writes(self) -> list[str]:
        """From now on writes wait for ``commit`` or ``refuse``."""
        self.mesh.holds_writes = True
        return ["ok"]

    def do_commit(self, count: str | None = None) -> None:
        self.mesh.commit(None if count is None else int(count))

    def do_refuse(self, count: str | None = None) -> None:
        """The disk is full."""
        self.mesh.refuse_writes(count=None if count is None else int(count))

    def do_wait(self, seconds: str, in_contact: str = "") -> None:
        """``wait 10 in_contact=n1,n2``: the processes of these nodes answer pings."""
        nodes = [self._nodes[node_id] for node_id in in_contact.split(",") if node_id]
        self.mesh.wait(float(seconds), in_contact=nodes)

    def do_practice(self, node_id: str, count: str, task_type: str = "echo") -> list[str]:
        """So many tasks of a type have gone well at a node before the story begins."""
        worker = self._nodes[node_id]
        for number in range(int(count)):
            task_id = f"practice-{number}"
            self.mesh.submit(a_spec(task_id, task_type))
            self.mesh.complete(worker, task_id)
        return ["ok"]

    def do_explain(self, task_id: str) -> list[str]:
        """Why the task stands where it stands."""
        return list(explain(self.mesh.board, self.mesh.entry(task_id), self.mesh.now).sentences)

    def do_restart(self) -> None:
        """Another orchestrator takes over the disk; what was not written is gone."""
        self.mesh.restart()

    # -- requesters ----------------------------------------------------------------------------

    def do_submit(self, *words: str, **fields: str) -> None:
        """``submit a b sum key=k priority=9 from=bob tell``: tasks a and b."""
        sender = "client/" + fields.pop("from", "ann")
        tell = "tell" in words
        ids = [word for word in words if word != "tell"]
        known: dict[str, Any] = {
            "task_type": fields.pop("type", "echo"),
            "payload": packed({"x": "y" * int(fields.pop("bytes", "0"))}),
        }
        for name, value in fields.items():
            if name in ("capabilities", "concepts"):
                known[name] = tuple(value.split(","))
            elif name in ("wait_for_node", "resumable", "exclusive"):
                known[name] = value == "yes"
            elif name in ("timeout_s", "backoff_s", "deadline_s", "latency_target_s", "cost_s"):
                known[name] = float(value)
            elif name == "requires":
                known[name] = (value,)
            elif name == "prefers":
                known[name] = {value: 1.0}
            elif name == "labels":
                known[name] = dict([value.split(":")])
            elif name in ("priority", "max_attempts"):
                known[name] = int(value)
            else:
                known[name] = value
        specs = [a_spec(task_id, **known) for task_id in ids]
        self.mesh.submit(*specs, sender=sender, tell=tell)

    def do_cancel(self, *task_ids: str, **fields: str) -> None:
        self.mesh.cancel(*task_ids, sender="client/" + fields.get("from", "ann"))

    def do_weigh(self, **weights: str) -> None:
        """``weigh ann=2``: her share doubles."""
        named = {name: float(weight) for name, weight in weights.items()}
        self.mesh.feed(events.WeightsChanged(named))

    def do_reprioritise(self, what: str, *, sender: str = "client/ann", **values: str) -> None:
        """``reprioritise tasks a=9 b=1``; types, concepts and requesters likewise."""
        numbers: dict[str, Any] = {
            name: int(value) if what == "tasks" else float(value) for name, value in values.items()
        }
        change = Change(**{what: numbers})
        self.mesh.feed(events.Reprioritised(change, sender, 1))

    def do_balances(self) -> list[str]:
        """What each requester was charged, as the disk has it."""
        return [
            f"{balance.requester or '(nobody)'} was charged {balance.served / 1e6:g} s"
            for _, balance in sorted(self.mesh.disk.balances.items())
        ] or ["(none)"]

    def do_watch(self, *task_ids: str, **fields: str) -> None:
        self.mesh.watch(*task_ids, sender="client/" + fields.get("from", "ann"))

    def do_stream(self, *task_ids: str, **fields: str) -> None:
        self.mesh.watch(*task_ids, sender="client/" + fields.get("from", "ann"), stream=True)

    def do_unwatch(self, *task_ids: str, **fields: str) -> None:
        sender = "client/" + fields.get("from", "ann")
        self.mesh.feed(events.WatchEnded(sender, list(task_ids) or None))

    # -- nodes ---------------------------------------------------------------------------------

    def do_node(self, node_id: str, **fields: str) -> None:
        """A new process says hello."""
        worker = Worker(
            node_id,
            slots=int(fields.get("slots", "1")),
            ahead=int(fields.get("ahead", "0")),
            offers=fields.get("offers", "echo").split(","),
        )
        if (before := self._nodes.get(node_id)) is not None:
            worker.incarnation = before.incarnation + 1
        self._nodes[node_id] = worker
        attributes = dict(word.split(":") for word in fields.get("has", "").split(",") if word)
        rules = [fields["serves"]] if "serves" in fields else []
        self.mesh.arrive(worker, metadata={"attributes": attributes, "rules": rules})

    def do_hello(self, node_id: str) -> None:
        """The same process says hello again, with what it holds."""
        self.mesh.arrive(self._nodes[node_id])

    def do_deaf(self, node_id: str) -> list[str]:
        """What the node is told is lost on the way, until ``hears``."""
        self._nodes[node_id].is_deaf = True
        return ["ok"]

    def do_hears(self, node_id: str) -> list[str]:
        self._nodes[node_id].is_deaf = False
        return ["ok"]

    def do_lose(self, node_id: str, reason: str = "its link is cut") -> None:
        self.mesh.lose(self._nodes[node_id], reason)

    def do_leave(self, node_id: str) -> None:
        self.mesh.feed(events.NodeLeft(self._nodes[node_id].address))

    def do_drain(self, node_id: str) -> None:
        self.mesh.feed(events.NodeDrains(self._nodes[node_id].address))

    def do_beat(self, node_id: str, **fields: str) -> None:
        """``beat n1 health=0.5 held=none reported=a``."""
        worker = self._nodes[node_id]
        reported = [
            worker.lease_of(task_id) for task_id in fields.get("reported", "").split(",") if task_id
        ]
        self.mesh.beat(
            worker,
            held=[] if fields.get("held") == "none" else None,
            reported=reported,
            health=float(fields.get("health", "1")),
        )

    def do_complete(self, node_id: str, task_id: str, value: str = "ok", **fields: str) -> None:
        """``complete n1 a 42``; ``chunks=3`` of a stream."""
        worker = self._nodes[node_id]
        chunks = int(fields["chunks"]) if "chunks" in fields else None
        self._report(worker, completed(worker.lease_of(task_id), value, chunks=chunks))

    def do_fail(self, node_id: str, task_id: str, reason: str = "boom") -> None:
        worker = self._nodes[node_id]
        self._report(worker, failed(worker.lease_of(task_id), reason))

    def do_fail_for_good(self, node_id: str, task_id: str, reason: str = "boom") -> None:
        worker = self._nodes[node_id]
        self._report(worker, failed(worker.lease_of(task_id), reason, for_good=True))

    def do_time_out(self, node_id: str, task_id: str) -> None:
        worker = self._nodes[node_id]
        self._report(worker, timed_out(worker.lease_of(task_id), "timed out after 5 s"))

    def do_ahead(self, node_id: str, count: str) -> list[str]:
        """How many assignments the node wants to hold ready from now on."""
        self._nodes[node_id].ahead = int(count)
        return ["ok"]

    def do_forge(self, node_id: str, what: str, lease: str) -> None:
        """The node says something of a lease it does not hold."""
        worker = self._nodes[node_id]
        epoch, number = lease.split(".")
        forged = int(epoch) * _LEASES_PER_EPOCH + int(number)
        match what:
            case "result":
                self._report(worker, completed(forged, "forged"))
            case "chunk":
                self.mesh.feed(events.ChunkArrived(worker.address, forged, 0, packed("forged")))
            case "progress":
                self.mesh.feed(events.AttemptProgressed(worker.address, forged, 1.0, "forged"))
            case "hand-back":
                self.mesh.feed(
                    events.NodeHandedBack(worker.address, [forged], "forged", worker.granted)
                )
            case _:
                raise ValueError(what)

    def do_report_again(self, node_id: str) -> None:
        """The node repeats its last report."""
        worker = self._nodes[node_id]
        self.mesh.report(worker, *self._reports[node_id], number=worker.reports)

    def _report(self, worker: Worker, *outcomes: Outcome) -> None:
        self._reports[worker.node_id] = list(outcomes)
        self.mesh.report(worker, *outcomes)

    def do_hand_back(self, node_id: str, *task_ids: str) -> None:
        self.mesh.hand_back(self._nodes[node_id], *task_ids, reason="it waited for a long task")

    def do_decline(self, node_id: str, *task_ids: str) -> None:
        self.mesh.hand_back(
            self._nodes[node_id], *task_ids, reason="its memory is full", refused=True
        )

    def do_progress(self, node_id: str, task_id: str, fraction: str, note: str = "") -> None:
        worker = self._nodes[node_id]
        self.mesh.feed(
            events.AttemptProgressed(
                worker.address, worker.lease_of(task_id), float(fraction), note
            )
        )

    def do_chunk(self, node_id: str, task_id: str, index: str, value: str) -> None:
        worker = self._nodes[node_id]
        self.mesh.feed(
            events.ChunkArrived(worker.address, worker.lease_of(task_id), int(index), packed(value))
        )

    def do_chunk_of(self, node_id: str, task_id: str, index: str, **fields: str) -> None:
        self.do_chunk(node_id, task_id, index, "y" * int(fields["bytes"]))

    # -- looking -------------------------------------------------------------------------------

    def do_tasks(self) -> list[str]:
        """Every open task and where it stands."""
        return [
            f"{task_id} {entry.phase.name.lower()}"
            + (f" at {entry.seat.node_id}" if entry.phase is Phase.LEASED and entry.seat else "")
            for task_id, entry in self.mesh.board.entries.items()
        ] or ["(none)"]

    def do_nodes(self) -> list[str]:
        """Every seat and its credit."""
        return [
            f"{seat.node_id} sent {seat.sent} of {seat.granted}, holds {len(seat.leases)}"
            + (", draining" if seat.is_draining else "")
            for seat in self.mesh.board.roster
        ] or ["(none)"]

    def do_lanes(self) -> list[str]:
        return [
            f"{'+'.join(part for part in key if isinstance(part, str))}: {lane.waiting} wait for "
            + (", ".join(sorted(seat.node_id for seat in lane.seats)) or "nobody")
            for key, lane in sorted(self.mesh.board.lanes.items())
        ] or ["(none)"]

    def do_disk(self) -> list[str]:
        """Every task as the disk has it."""
        shown = []
        for serial, task in self.mesh.disk.tasks.items():
            stored = self.mesh.store.task(task.spec.task_id)
            assert stored is not None
            shown.append(
                f"#{serial} {task.spec.task_id}: "
                + (_ending(stored.ending) if stored.ending else "open")
            )
            shown += [f"  {_attempt(attempt)}" for attempt in stored.attempts]
        return shown or ["(empty)"]

    # -- words ---------------------------------------------------------------------------------

    def _lines(self, effect: Effect) -> Iterator[str]:
        match effect:
            case Write(ticket, batch):
                yield f"write {ticket}: {self._batch(batch)}"
            case Tell(message=Heard(is_suspect=False)):
                pass  # every heartbeat is answered
            case Tell(address, message):
                yield f"tell {_called(address)}: {self._message(message)}"
            case LookUp(address, _, task_ids):
                yield f"look up for {_called(address)}: {', '.join(task_ids)}"
            case Incident(kind, node_id, reason, task_id):
                about = f" with {task_id}" if task_id else ""
                yield f"note {kind} {node_id}{about}" + (f": {reason}" if reason else "")

    def _batch(self, batch: WriteBatch) -> str:
        parts = [f"task {task.spec.task_id}" for task in batch.tasks]
        parts += [
            f"attempt {failed.attempt.number} of #{failed.serial} {_attempt(failed.attempt)}"
            for failed in batch.attempts
        ]
        parts += [f"ending of {ending.task_id}, {_ending(ending)}" for ending in batch.endings]
        parts += [f"capability {name}" for name in batch.capabilities]
        parts += [f"priority {new.priority} of #{new.serial}" for new in batch.priorities]
        parts += [f"attempt {one.number} of #{one.serial} excused" for one in batch.excuses]
        return "; ".join(parts) or "nothing"

    def _message(self, message: Message) -> str:
        match message:
            case Accepted(_, refused, same_as, notes):
                parts = [f"{place} refused: {fault.sentence}" for place, fault in refused]
                parts += [f"{place} is the same as {earlier}" for place, earlier in same_as]
                parts += [f"{place} {note}" for place, note in notes]
                return "; ".join(["accepted", *parts])
            case Cancelled(_, stopped):
                return "cancelled " + ", ".join("yes" if one else "no" for one in stopped)
            case Ended(endings):
                return "ended " + "; ".join(f"{e.task_id} {_ending(e)}" for e in endings)
            case Happened(happened):
                return "; ".join(_event(event) for event in happened)
            case NotFound(_, task_ids):
                return f"not found {', '.join(task_ids)}"
            case Answer(_, body):
                return f"answer {body}"
            case Denied(_, fault) | NodeRefused(fault):
                return f"refused: {fault.sentence}"
            case Welcome(epoch):
                return f"welcome to epoch {epoch}"
            case Introduce():
                return "introduce yourself"
            case Assign(assignments):
                return "assign " + ", ".join(
                    f"{item.spec.task_id} (attempt {item.attempt}, lease {_lease(item.lease)})"
                    for item in assignments
                )
            case Stop(leases):
                return "stop " + "; ".join(f"{_lease(lease)}: {why}" for lease, why in leases)
            case Kept(number, refused_leases):
                parts = [f"{_lease(lease)} refused: {why}" for lease, why in refused_leases]
                return "; ".join([f"kept report {number}", *parts])
            case _:
                return repr(message)


def _called(address: str) -> str:
    return address.partition("/")[2].partition("~")[0]


def _lease(lease: int) -> str:
    return f"{lease // _LEASES_PER_EPOCH}.{lease % _LEASES_PER_EPOCH}"


def _value(data: bytes | None) -> str:
    said = "no result" if data is None else repr(msgspec.msgpack.decode(data))
    return said if len(said) < 100 else said[:10] + "…"


def _ending(ending: Ending) -> str:
    said = f"{ending.status} on attempt {ending.attempt}"
    if ending.node_id is not None:
        said += f" at {ending.node_id}"
    if ending.status == "completed":
        return f"{said}: {_value(ending.result)}"
    return f"{said}: {ending.reason}"


def _attempt(attempt: Any) -> str:
    return f"{attempt.outcome} at {attempt.node_id}: {attempt.reason}"


def _event(event: TaskEvent) -> str:
    said = f"{event.task_id} {event.kind}"
    if event.attempt:
        said += f" (attempt {event.attempt})"
    if event.node_id is not None:
        said += f" at {event.node_id}"
    if event.index is not None:
        said += f" {event.index} {_value(event.chunk)}"
    if event.fraction is not None:
        said += f" {event.fraction:g}"
    if event.note:
        said += f": {event.note}"
    if event.ending is not None:
        said += f" {_ending(event.ending)}"
    return said
