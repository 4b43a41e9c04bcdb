"""Which task of a requester is next, against looking at all of them."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.machines import events
from cognitive_architecture.distributed_mesh.machines.entry import Phase
from cognitive_architecture.distributed_mesh.model import Change
from cognitive_architecture.foundation.settings import DispatchSettings
from tests.support.builders import a_spec
from tests.support.examples import quick
from tests.support.harness import DispatchHarness

AGEING_S, LEAD_S, NOVELTY, FAILURE = 30.0, 60.0, 0.5, 0.25
SETTINGS = DispatchSettings(
    ageing_s=AGEING_S,
    deadline_lead_s=LEAD_S,
    novelty_levels=NOVELTY,
    failure_levels=FAILURE,
    node_silence_s=3600.0,
    backoff_max_s=0.001,
)
TYPES, CONCEPTS = ["echo", "sum"], ["dragon", "sea"]


class Oracle:
    """Every fact about every task; the formula of docs/scheduling.md, in one place."""

    def __init__(self) -> None:
        self.tasks: dict[str, dict[str, Any]] = {}
        self.types: dict[str, float] = {}
        self.concepts: dict[str, float] = {}
        self.seen: dict[tuple[str, str], int] = {}

    def submit(self, task_id: str, fields: dict[str, Any], now: float) -> None:
        bonus = 0.0
        for concept in fields["concepts"] or ("",):
            kind = fields["task_type"], concept
            self.seen[kind] = self.seen.get(kind, 0) + 1
            bonus = max(bonus, NOVELTY / self.seen[kind])
        self.tasks[task_id] = {
            **fields,
            "since": now,
            "serial": len(self.tasks),
            "novelty": bonus,
            "failures": 0,
        }

    def key(self, task_id: str) -> tuple[float, float, int]:
        task = self.tasks[task_id]
        levels = task["novelty"] + FAILURE * task["failures"]
        levels += sum(self.concepts.get(concept, 0.0) for concept in task["concepts"])
        shift = self.types.get(task["task_type"], 0.0) * AGEING_S
        since = task["since"]
        if task["latency_target_s"] is not None:
            return (0, since + task["latency_target_s"] - levels * AGEING_S - shift, task["serial"])
        key = since - (task["priority"] + levels) * AGEING_S
        if task["deadline_s"] is not None:
            key = min(key, since + task["deadline_s"] - LEAD_S - 10 * AGEING_S)
        return (1, key - shift, task["serial"])


tasks = st.fixed_dictionaries(
    {
        "task_type": st.sampled_from(TYPES),
        "priority": st.integers(1, 10),
        "deadline_s": st.none() | st.integers(1, 500).map(float),
        "latency_target_s": st.sampled_from([None, None, None, 1.0, 5.0]),
        "concepts": st.lists(st.sampled_from(CONCEPTS), unique=True).map(sorted).map(tuple),
    }
)
levels = st.integers(-8, 8).map(lambda eighths: eighths / 2)
steps = st.one_of(
    st.tuples(st.just("submit"), tasks),
    st.tuples(st.just("submit"), tasks),
    st.tuples(
        st.just("tasks"), st.dictionaries(st.integers(0, 20), st.integers(1, 10), min_size=1)
    ),
    st.tuples(st.just("type"), st.sampled_from(TYPES), levels),
    st.tuples(st.just("concepts"), st.dictionaries(st.sampled_from(CONCEPTS), levels, min_size=1)),
    st.tuples(st.just("wait"), st.integers(1, 100)),
    st.tuples(st.just("cancel"), st.integers(0, 20)),
    st.tuples(st.just("complete")),
    st.tuples(st.just("fail")),
)


@given(st.lists(steps, max_size=40))
@quick(150)
def test_the_next_task_is_that_of_looking_at_all_that_wait(steps: list[tuple[Any, ...]]) -> None:
    mesh, oracle = DispatchHarness(SETTINGS), Oracle()
    node = mesh.node("n1", *TYPES)

    def waiting() -> list[str]:
        return [name for name, e in mesh.board.entries.items() if e.phase is Phase.QUEUED]

    def check(before: list[str]) -> None:
        """Of those that waited, the one that was begun is the first."""
        begun = [name for name in before if name not in waiting() and name in node.tasks]
        if begun:
            assert begun == [min(before, key=oracle.key)]

    for number, step in enumerate(steps):
        match step:
            case ("submit", fields):
                oracle.submit(f"t{number}", fields, mesh.now)
                mesh.submit(a_spec(f"t{number}", max_attempts=9, backoff_s=0.0, **fields))
            case ("tasks", priorities) if oracle.tasks:
                names = list(oracle.tasks)
                wanted = {names[index % len(names)]: new for index, new in priorities.items()}
                mesh.feed(events.Reprioritised(Change(tasks=wanted)))
                for name, priority in wanted.items():
                    oracle.tasks[name]["priority"] = priority
            case ("type", name, value):
                mesh.feed(events.Reprioritised(Change(types={name: value})))
                oracle.types[name] = value
            case ("concepts", values):
                mesh.feed(events.Reprioritised(Change(concepts=values)))
                oracle.concepts |= values
            case ("wait", seconds):
                mesh.wait(float(seconds))
            case ("cancel", index) if oracle.tasks:
                name = list(oracle.tasks)[index % len(oracle.tasks)]
                before = [other for other in waiting() if other != name]
                mesh.cancel(name)
                check(before)
            case ("complete",) if node.tasks:
                before = waiting()
                mesh.complete(node, node.tasks[0])
                check(before)
            case ("fail",) if node.tasks:
                before, name = waiting(), node.tasks[0]
                oracle.tasks[name]["failures"] += 1
                mesh.fail(node, name)
                check(before)
                mesh.wait(0.01)
