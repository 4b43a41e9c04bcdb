"""Plans, by a table of what failed, what is allowed and what is left."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.policies.recovery import (
    DEFAULT_TABLE,
    NOTED,
    Failure,
    FailureType,
    RecoveryState,
    RecoveryStrategy,
    plan,
    table_of,
)
from cognitive_architecture.distributed_mesh.policies.retry_budget import (
    PER_S,
    SHARE,
    RetryBudget,
)
from cognitive_architecture.foundation.settings import RecoverySettings

CRASH = Failure(FailureType.NODE_CRASH, "n1")
LOST_TASK = Failure(FailureType.NODE_CRASH, "n1", "a", "echo")
FAILED = Failure(FailureType.TASK_FAILURE, "n1", "a", "echo")


@pytest.mark.parametrize(
    ("failure", "state", "leading", "sentence"),
    [
        (CRASH, {"tasks_held": 0}, "redistribute", "it held no task"),
        (
            CRASH,
            {"tasks_held": 1},
            "redistribute",
            "its task goes back to the old place in the queue",
        ),
        (
            CRASH,
            {"tasks_held": 3, "pause_s": 2.0, "is_supervised": True},
            "redistribute",
            ("its 3 tasks go back to the old place in the queue in 2 s, if it is not back by then; "
            "its process is started again where it ran"),
        ),
        (LOST_TASK, {"pause_s": 0.0, "killed": ("n1",)}, "redistribute", "tried again after 0.0 s"),
        (
            LOST_TASK,
            {"pause_s": 0.0, "killed": ("n1", "n2", "n3")},
            None,
            ("quarantined: 3 different nodes were lost while they worked on it (n1, n2, n3), so it "
            "is not given to another"),
        ),
        (FAILED, {"pause_s": 0.5}, "redistribute", "tried again after 0.5 s"),
        (
            FAILED,
            {"pause_s": 4.5, "held_up_s": 4.0},
            "redistribute",
            "tried again after 4.5 s, 4.0 s of it because much is being repeated already",
        ),
        (FAILED, {"pause_s": 0.5, "fallback": "shout"}, "redistribute", "tried again after 0.5 s"),
        (FAILED, {"fallback": "shout"}, "fallback", "tried with shout instead of echo"),
        (
            FAILED,
            {},
            None,
            "given up: no attempt was left, or another could not have helped",
        ),
        (
            FAILED,
            {"pause_s": 0.5, "opens_circuit_for_s": 10.0},
            "redistribute",
            "tried again after 0.5 s; n1 gets no echo for 10 s, then one to see",
        ),
    ],
)  # fmt: skip
def test_a_plan_says_what_is_done(
    failure: Failure, state: dict[str, Any], leading: str | None, sentence: str
) -> None:
    found = plan(failure, DEFAULT_TABLE, RecoveryState(**state))

    assert found.leading == leading
    assert found.sentence == sentence


def test_an_operator_may_take_a_strategy_out() -> None:
    table = table_of(RecoverySettings(on_task_failure=["circuit_breaker"]))

    found = plan(FAILED, table, RecoveryState(pause_s=0.5))

    assert found.leading is None
    assert found.sentence == "given up: recovery.on_task_failure does not name redistribute"


def test_what_is_late_is_begun_a_second_time_and_nothing_else_is_done() -> None:
    late = Failure(FailureType.TASK_TIMEOUT, "n1", "a", "echo")

    found = plan(late, DEFAULT_TABLE, RecoveryState(second_node_id="n2"))

    assert found.leading is RecoveryStrategy.REPLICATE
    assert found.sentence == "begun on n2 too while n1 goes on; the first result counts"


def test_where_nothing_is_to_be_done_it_says_so() -> None:
    table = table_of(RecoverySettings(on_resource_exhaustion=[]))

    found = plan(Failure(FailureType.RESOURCE_EXHAUSTION, "n1"), table, RecoveryState())

    assert found.sentence == NOTED


STATES = st.builds(
    RecoveryState,
    tasks_held=st.none() | st.integers(0, 5),
    pause_s=st.none() | st.floats(0.0, 10.0),
    fallback=st.none() | st.just("shout"),
    killed=st.lists(st.sampled_from(["n1", "n2", "n3", "n4"]), unique=True).map(tuple),
    opens_circuit_for_s=st.sampled_from([0.0, 10.0]),
    is_supervised=st.booleans(),
)
ROWS = st.lists(st.sampled_from(list(RecoveryStrategy)), unique=True).map(tuple)


@given(kind=st.sampled_from(list(FailureType)), row=ROWS, state=STATES, has_task=st.booleans())
def test_every_plan_is_what_its_row_allows_and_keeps_or_gives_up_the_task(
    kind: FailureType, row: tuple[RecoveryStrategy, ...], state: RecoveryState, has_task: bool
) -> None:
    failure = Failure(kind, "n1", "a" if has_task else None, "echo")

    found = plan(failure, dict(DEFAULT_TABLE) | {kind: row}, state)

    named = [step.strategy for step in found.steps if step.strategy is not None]
    assert set(named) <= set(row)
    assert len(named) == len(set(named))
    again, other = (
        found.step(RecoveryStrategy.REDISTRIBUTE), found.step(RecoveryStrategy.FALLBACK)
    )  # fmt: skip
    if has_task:
        assert sum((again is not None, other is not None, found.leading is None)) == 1
    if len(state.killed) >= state.killed_max and has_task:
        assert found.leading is None
        assert found.quarantines
    assert all(step.sentence for step in found.steps)


class TestRetryBudget:
    def test_a_few_retries_are_free_and_then_each_waits_its_turn(self) -> None:
        budget = RetryBudget()

        waits = [budget.wait_s(0.0) for _ in range(30)]

        assert waits[: int(PER_S)] == [0.0] * int(PER_S)
        assert waits[-1] == pytest.approx(20 / PER_S)

    def test_what_goes_well_pays_for_more(self) -> None:
        budget = RetryBudget()
        budget.succeeded(1000)

        waits = [budget.wait_s(0.0) for _ in range(200)]

        assert waits == [0.0] * 200

    @given(
        st.lists(st.tuples(st.floats(0.0, 5.0), st.integers(0, 20), st.booleans()), max_size=200)
    )
    def test_no_more_is_ever_repeated_than_was_paid_for(
        self, steps: list[tuple[float, int, bool]]
    ) -> None:
        budget = RetryBudget()
        now, successes = 0.0, 0
        starts: list[float] = []
        for pause, went_well, retries in steps:
            now += pause
            budget.succeeded(went_well)
            successes += went_well
            if retries:
                starts.append(now + budget.wait_s(now))
        for end in sorted(starts):
            begun = sum(start <= end for start in starts)
            assert begun <= PER_S + PER_S * end + SHARE * successes + 1.0
