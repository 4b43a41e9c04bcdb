"""What each step of a plan does to the mesh on a stage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from .members import ClientMember, Member
from .plan import Step
from .stage import Stage
from .store import DiskTrouble

_LEAVES_WITHIN_S: Final = 30.0
_LOOK_S: Final = 0.5
_LONG: Final = frozenset({"payload", "payloads"})
"""What is left out where a step is told in words."""


def do(stage: Stage, step: Step) -> None:
    """Do a step, unless the run is over."""
    if stage.has_stopped:
        return
    stage.note(step.who, "trouble" if step.is_trouble else "work", f"{step.do} {_in_words(step)}")
    if step.is_trouble:
        stage.judge.underway.troubled(step.do, step.ends_at)
    _DEEDS[step.do](stage, step)


def _in_words(step: Step) -> str:
    return " ".join(f"{key}={value}" for key, value in step.what.items() if key not in _LONG)


def _errand(stage: Stage, step: Step) -> None:
    """Work for a client's program; it does nothing where the client is dead."""
    member = stage.members.get(step.who)
    if isinstance(member, ClientMember):
        member.begin(step)


def _kill(stage: Stage, step: Step) -> None:
    """Kill a process, and start another some time later."""
    stage.kill(step.who, silently=bool(step.what.get("silently")))
    _later(stage, step, stage.start, step.who)


def _leave(stage: Stage, step: Step) -> None:
    """Ask a process to end in good order, and start another some time later."""
    member = stage.members.get(step.who)
    if member is None or member.process.is_paused:
        return
    member.process.loop.call_soon(_begin_leaving, member)
    _later(stage, step, _come_back, stage, step.who, member, stage.agenda.now)


def _begin_leaving(member: Member) -> None:
    member.leaving = member.process.loop.create_task(member.stop())


def _come_back(stage: Stage, host: str, before: Member, asked_at: float) -> None:
    stage.reap()
    if stage.members.get(host) is not before:
        stage.start(host)
    elif stage.agenda.now - asked_at < _LEAVES_WITHIN_S:
        stage.agenda.after(_LOOK_S, _come_back, stage, host, before, asked_at)


def _join(stage: Stage, step: Step) -> None:
    """Start a node that has left."""
    stage.reap()
    stage.start(step.who)


def _twin(stage: Stage, step: Step) -> None:
    """Somebody starts a second node with the id of one that is there."""
    stage.start_twin(step.who)


def _pause(stage: Stage, step: Step) -> None:
    """Stop a process for a while."""
    member = stage.members.get(step.who)
    if member is None or member.process.is_paused:
        return
    member.process.pause()
    stage.judge.hindrances.hinder(step.who, stage.agenda.now + float(step.what["for_s"]))
    stage.network.review(step.who)
    _later(stage, step, _resume, stage, member)


def _resume(stage: Stage, member: Member) -> None:
    member.process.resume()
    stage.network.review(member.fabric.host)


def _usurp(stage: Stage, step: Step) -> None:
    """Let another orchestrator take the store over while its owner lives.

    The owner is stopped or cut off meanwhile, or nothing happens to it; it is not told. Or it is
    the other one that is cut off later, or dies, and everybody returns to the owner before.
    """
    hosts = stage.orchestrator_hosts
    heir = step.who if step.who not in stage.members else next(h for h in hosts if h != step.who)
    if heir in stage.members:
        return
    for host in hosts:
        if host == heir:
            continue
        if step.what["how"] == "pause":
            _pause(stage, Step(step.at, "pause", host, step.what))
        elif step.what["how"] == "cut":
            _cut_off(stage, host, step)
    stage.start(heir)
    if step.what["how"] == "dies":
        _later(stage, step, _kill, stage, replace(step, who=heir))
    if step.what["how"] == "return":
        half_s = 0.5 * float(step.what["for_s"])
        stage.agenda.after(half_s, _cut_off, stage, heir, replace(step, what={"for_s": half_s}))


def _cut_off(stage: Stage, host: str, step: Step) -> None:
    for other in (*stage.node_hosts, *stage.plan.clients):
        _cut(stage, Step(step.at, "cut", host, step.what | {"other": other}))


def _cut(stage: Stage, step: Step) -> None:
    """Let nothing through between two hosts, or only one way."""
    pairs = [(step.who, step.what["other"])]
    if not step.what.get("one_way"):
        pairs.append((step.what["other"], step.who))
    for pair in pairs:
        stage.network.block(*pair)
        _later(stage, step, stage.network.unblock, *pair)


def _clog(stage: Stage, step: Step) -> None:
    """Let everything from one host to another take longer for a while."""
    pair = (step.who, step.what["other"])
    stage.network.clog(*pair, float(step.what["delay_s"]))
    _later(stage, step, stage.network.clog, *pair, 0.0)


def _trouble_disk(stage: Stage, step: Step) -> None:
    """Let the disk be slow, full or broken for a while."""
    stage.disk.trouble = DiskTrouble(step.what["how"])
    _later(stage, step, setattr, stage.disk, "trouble", DiskTrouble.NONE)


def _jump(stage: Stage, step: Step) -> None:
    """Set a wall clock."""
    if (member := stage.members.get(step.who)) is not None:
        member.process.clock.jump(float(step.what["seconds"]))


def _starve(stage: Stage, step: Step) -> None:
    """Let every turn of a process take long for a while: others have its CPU."""
    if (member := stage.members.get(step.who)) is not None:
        turn_s, for_s = float(step.what["turn_s"]), float(step.what["for_s"])
        member.process.loop.turn_s = turn_s
        stage.judge.hindrances.hinder(step.who, stage.agenda.now + for_s + turn_s)  # its last one
        usual = stage.plan.turns_s.get(step.who, 0.0)
        _later(stage, step, setattr, member.process.loop, "turn_s", usual)


def _lie(stage: Stage, step: Step) -> None:
    """Let a node say untrue things for a while; see ``Stage.tamper``."""
    stage.liars[step.who] = stage.liars.get(step.who, 0) + 1
    stage.judge.nodes.liars.add(step.who)
    _later(stage, step, _be_honest, stage, step.who)


def _be_honest(stage: Stage, host: str) -> None:
    stage.liars[host] -= 1


def _ail(stage: Stage, step: Step) -> None:
    """Let all handlers of a node fail, or take long, for a while."""
    ailments = stage.ailments.setdefault(step.who, [])
    ailments.append(step.what["how"])
    _later(stage, step, ailments.remove, step.what["how"])


def _later(stage: Stage, step: Step, call: Callable[..., object], *arguments: Any) -> None:
    stage.agenda.after(float(step.what["for_s"]), call, *arguments)


_DEEDS: Final[dict[str, Callable[[Stage, Step], None]]] = {
    "submit": _errand,
    "cancel": _errand,
    "drain": _errand,
    "watch": _errand,
    "raise": _errand,
    "join": _join,
    "twin": _twin,
    "kill": _kill,
    "leave": _leave,
    "usurp": _usurp,
    "pause": _pause,
    "cut": _cut,
    "clog": _clog,
    "disk": _trouble_disk,
    "jump": _jump,
    "starve": _starve,
    "lie": _lie,
    "ail": _ail,
}
"""What a step can be."""
