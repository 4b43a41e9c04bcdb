"""Turns come in the order in which they were asked for, whether one is had at once or not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.simulation.agenda import Agenda, Runnable, RunsForEver
from cognitive_architecture.simulation.loop import VirtualLoop

HOSTS = ("a", "b", "c")

Errand = tuple[str, float, int]
"""Whose turn it is for, after how many seconds (0: soon), and which errands it brings."""


class OneByOne(Agenda):
    """Every turn is asked for anew."""

    def is_next(self, who: Runnable) -> bool:  # noqa: ARG002 - nobody is
        return False


def played(agenda: Agenda, errands: list[list[Errand]], *, turn_s: float) -> list[object]:
    """What happened, and when; each errand brings the errands of a later line."""

    def trouble(context: object) -> None:
        raise AssertionError(context)

    loops = {host: VirtualLoop(agenda, host, on_trouble=trouble) for host in HOSTS}  # type: ignore[abstract]
    loops["b"].turn_s = turn_s
    history: list[object] = []

    def do(host: str, line: int) -> None:
        history.append((agenda.now, host, line))
        for whose, delay_s, later in errands[line] if line < len(errands) else ():
            if later <= line:
                continue
            if delay_s:
                loops[whose].call_later(delay_s, do, whose, later)
            elif whose == host:
                loops[whose].call_soon(do, whose, later)
            else:
                agenda.after(0.0, loops[whose].call_soon, do, whose, later)

    loops["a"].call_soon(do, "a", 0)
    loops["b"].call_soon(do, "b", 0)
    agenda.run_until(100.0)
    return history


@given(
    st.lists(
        st.lists(
            st.tuples(st.sampled_from(HOSTS), st.sampled_from((0.0, 0.0, 1.0)), st.integers(0, 8)),
            max_size=3,
        ),
        max_size=8,
    ),
    st.sampled_from((0.0, 0.25)),
)
def test_having_the_next_turn_at_once_changes_nothing(
    errands: list[list[Errand]], turn_s: float
) -> None:
    at_once = played(Agenda(), errands, turn_s=turn_s)
    assert at_once == played(OneByOne(), errands, turn_s=turn_s)


def test_who_never_lets_time_go_on_is_named() -> None:
    agenda = Agenda()
    loop = VirtualLoop(agenda, "busy", on_trouble=lambda _: None)  # type: ignore[abstract]

    def again() -> None:
        loop.call_soon(again)

    again()
    with pytest.raises(RunsForEver, match=r"process busy is busy for ever at 0\.000000 s"):
        agenda.run_until(1.0)
