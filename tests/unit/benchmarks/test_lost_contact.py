"""The law of contact in arrays says what ``Contact`` says, at the same looks."""

from __future__ import annotations

import numpy as np
from benchmarks.lost_contact import lost_at
from hypothesis import given, settings
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.policies.detection.contact import (
    BOUND,
    FEW,
    NEWCOMER,
    REMEMBERED,
    Contact,
)

LOOK_S = 0.1
FLOOR_S = 1.0


def said_by_the_real_one(
    made_at: list[float], told_at: list[float], looks: list[float]
) -> list[float]:
    """The first look of each silence at which contact is lost; the last contact ends it."""
    contact = Contact(made_at[0])
    found: list[float] = []
    told, was_lost = 1, False
    for look in looks:
        if look < told_at[0]:
            continue
        while told < len(made_at) and told_at[told] <= look:
            contact.made(made_at[told])
            told, was_lost = told + 1, False
        if told == len(made_at):
            break
        is_lost = contact.is_lost(look, floor_s=FLOOR_S)
        if is_lost and not was_lost:
            found.append(look)
        was_lost = is_lost
    return found


steady = st.lists(st.sampled_from((0.1, 0.1, 0.1, 0.1, 0.2, 0.25)), max_size=60)
wild = st.lists(
    st.one_of(
        st.floats(0.01, 0.4),
        st.floats(0.2, 12.0),
        st.sampled_from((0.25, 1.0, 1.1, 1.25, 2.0, 4.0, 5.0, 10.0)),
    ),
    min_size=1,
    max_size=20,
)
traces = st.lists(
    st.one_of(
        wild,
        steady,
        st.sampled_from((200, FEW, REMEMBERED - 2, REMEMBERED, REMEMBERED + 2)).map(
            lambda count: [0.1] * count
        ),
    ),
    min_size=1,
    max_size=4,
).map(lambda parts: [pause for part in parts for pause in part])


@given(traces, st.lists(st.floats(0.0, 3.0), min_size=1, max_size=30), st.floats(0.0, 1.0))
@settings(max_examples=150, deadline=None)
def test_arrays_and_the_real_one_say_the_same_at_the_same_looks(
    pauses: list[float], later: list[float], first_look: float
) -> None:
    made_at = np.cumsum([0.0, *pauses])
    # Contacts are heard of late, some together: what says so was lost, and the next one tells.
    told_at = np.maximum.accumulate(made_at + np.resize(later, len(made_at)))
    looks = first_look + LOOK_S * np.arange(round((told_at[-1] + 1.0) / LOOK_S))

    found = lost_at(made_at, told_at, looks, floor_s=FLOOR_S)

    assert found.tolist() == said_by_the_real_one(
        made_at.tolist(), told_at.tolist(), looks.tolist()
    )


def silent_after(count: int, before: tuple[float, ...] = ()) -> float:
    """Seconds until a process is lost that had so many contacts after these pauses, then none."""
    made_at = np.cumsum([0.0, *before, *[0.1] * count, 60.0])
    looks = made_at[-2] + 0.01 * np.arange(3000)

    (at,) = lost_at(made_at, made_at, looks, floor_s=FLOOR_S)

    return round(float(at - made_at[-2]), 2)


def test_a_steady_process_is_lost_after_the_floor_and_a_newcomer_after_more() -> None:
    assert silent_after(FEW) == FLOOR_S + 0.01
    assert silent_after(0) == NEWCOMER * FLOOR_S + 0.01


def test_who_was_away_for_long_is_waited_for_as_long_as_that_is_remembered() -> None:
    assert silent_after(REMEMBERED - 1, before=(20.0,)) == BOUND * FLOOR_S + 0.01
    assert silent_after(REMEMBERED, before=(20.0,)) == FLOOR_S + 0.01


def test_a_look_at_the_instant_of_a_contact_finds_it() -> None:
    made_at = np.cumsum([0.0, *[0.125] * FEW, 1.5, 0.125])
    back_at = made_at[-2]

    for looks, found in (([back_at], []), ([back_at - 0.25, back_at], [back_at - 0.25])):
        assert lost_at(made_at, made_at, np.array(looks), floor_s=FLOOR_S).tolist() == found
