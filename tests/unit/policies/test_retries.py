import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.model import TaskOptions
from cognitive_architecture.distributed_mesh.policies.admission import ATTEMPTS_MAX, BACKOFF_MAX_S
from cognitive_architecture.distributed_mesh.policies.retries import retry_pause_s
from tests.support.examples import quick


def pauses(options: TaskOptions, *, chance: float, backoff_max_s: float = 300.0) -> list[float]:
    """The pauses of a task that fails until its attempts are used up."""
    series: list[float] = []
    for failed_attempts in range(1, 2 * ATTEMPTS_MAX):
        pause = retry_pause_s(
            options, failed_attempts=failed_attempts, backoff_max_s=backoff_max_s, chance=chance
        )
        if pause is None:
            return series
        series.append(pause)
    raise AssertionError("it never gave up")


def test_without_chance_the_pause_doubles_up_to_the_longest() -> None:
    assert pauses(TaskOptions(max_attempts=12), chance=0.0) == [
        0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 300.0,
    ]  # fmt: skip


def test_the_draw_shortens_it_by_up_to_a_half() -> None:
    assert pauses(TaskOptions(max_attempts=5), chance=1.0) == [0.25, 0.5, 1.0, 2.0]
    assert pauses(TaskOptions(max_attempts=5), chance=0.5) == [0.375, 0.75, 1.5, 3.0]


def test_a_task_with_one_attempt_has_no_pause() -> None:
    assert pauses(TaskOptions(max_attempts=1), chance=0.5) == []


def test_a_task_may_ask_for_no_pause_at_all() -> None:
    assert pauses(TaskOptions(max_attempts=4, backoff_s=0.0), chance=0.5) == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("failed_attempts", [3, 4, 1000])
def test_used_up_is_used_up(failed_attempts: int) -> None:
    options = TaskOptions(max_attempts=3)
    assert (
        retry_pause_s(options, failed_attempts=failed_attempts, backoff_max_s=1.0, chance=0.0)
        is None
    )


def test_a_thousand_attempts_overflow_nothing() -> None:
    options = TaskOptions(max_attempts=ATTEMPTS_MAX, backoff_s=BACKOFF_MAX_S)
    series = pauses(options, chance=0.0, backoff_max_s=31_536_000.0)
    assert len(series) == ATTEMPTS_MAX - 1
    assert set(series[10:]) == {31_536_000.0}


@given(
    st.integers(1, ATTEMPTS_MAX - 1),
    st.just(0.0) | st.floats(0.001, BACKOFF_MAX_S),
    st.floats(0.001, 31_536_000.0),
    st.floats(0.0, 1.0),
)
@quick(300)
def test_every_pause_lies_between_half_of_the_longest_and_the_longest(
    failed_attempts: int, backoff_s: float, backoff_max_s: float, chance: float
) -> None:
    options = TaskOptions(max_attempts=ATTEMPTS_MAX, backoff_s=backoff_s)
    pause = retry_pause_s(
        options, failed_attempts=failed_attempts, backoff_max_s=backoff_max_s, chance=chance
    )
    longest = min(backoff_s * 2 ** (failed_attempts - 1), backoff_max_s)
    assert pause is not None
    assert longest / 2 <= pause <= longest
