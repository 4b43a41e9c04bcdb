import asyncio
import random  # noqa: TID251 - to see that nobody touched it

import pytest

from cognitive_architecture.foundation.world import (
    CountedIds,
    RealClock,
    RealIds,
    SimulatedClock,
    World,
    simulated_world,
)
from tests.support.asynchronous import async_test, turns


class TestSimulatedClock:
    def test_stands_still_until_it_is_moved(self) -> None:
        clock = SimulatedClock()
        assert [clock.now(), clock.now()] == [0.0, 0.0]
        clock.jump_to(2.5)
        assert clock.now() == 2.5

    def test_never_goes_back(self) -> None:
        clock = SimulatedClock()
        clock.jump_to(5.0)
        clock.jump_to(3.0)
        assert clock.now() == 5.0

    def test_the_date_moves_with_it(self) -> None:
        clock = SimulatedClock(wall_at_zero=1000.0)
        clock.jump_to(7.0)
        assert clock.wall() == 1007.0

    @async_test
    async def test_wakes_those_whose_instant_has_come_and_no_others(self) -> None:
        clock = SimulatedClock()
        woken: list[float] = []

        async def sleeper(instant: float) -> None:
            await clock.sleep_until(instant)
            woken.append(instant)

        sleepers = [asyncio.create_task(sleeper(instant)) for instant in (1.0, 2.0, 3.0)]
        await turns()
        assert woken == []
        clock.jump_to(2.0)
        await turns()
        assert woken == [1.0, 2.0]
        clock.jump_to(3.0)
        await asyncio.gather(*sleepers)
        assert woken == [1.0, 2.0, 3.0]

    @async_test
    async def test_a_sleep_until_the_past_returns_at_once(self) -> None:
        clock = SimulatedClock()
        clock.jump_to(10.0)
        await clock.sleep_until(10.0)
        await clock.sleep_until(-1.0)

    @async_test
    async def test_a_cancelled_sleeper_keeps_nobody_else_from_waking(self) -> None:
        clock = SimulatedClock()
        impatient = asyncio.create_task(clock.sleep_until(1.0))
        patient = asyncio.create_task(clock.sleep_until(1.0))
        await turns()
        impatient.cancel()
        await turns()
        clock.jump_to(1.0)
        await patient
        assert impatient.cancelled()

    def test_makes_the_calls_that_are_due_once_and_none_that_was_cancelled(self) -> None:
        clock = SimulatedClock()
        made: list[str] = []
        clock.call_at(1.0, lambda: made.append("early"))
        clock.call_at(1.0, lambda: made.append("cancelled")).cancel()
        clock.call_at(2.0, lambda: made.append("late"))
        clock.jump_to(1.5)
        assert made == ["early"]
        clock.jump_to(2.0)
        clock.jump_to(3.0)
        assert made == ["early", "late"]

    def test_a_call_may_ask_for_the_next_one(self) -> None:
        clock = SimulatedClock()
        made: list[float] = []

        def again() -> None:
            made.append(clock.now())
            clock.call_at(clock.now() + 1.0, again)

        clock.call_at(1.0, again)
        for instant in (1.0, 1.5, 2.0, 2.5):
            clock.jump_to(instant)
        assert made == [1.0, 2.0]


class TestRealClock:
    def test_never_goes_back(self) -> None:
        clock = RealClock()
        readings = [clock.now() for _ in range(1000)]
        assert readings == sorted(readings)

    @async_test
    async def test_sleeps_until_the_instant_and_not_less(self) -> None:
        clock = RealClock()
        instant = clock.now() + 0.01
        await clock.sleep_until(instant)
        assert clock.now() >= instant - 0.001  # the resolution of the loop's clock
        await clock.sleep_until(instant)

    @async_test
    async def test_calls_at_the_instant_or_at_once_and_not_when_cancelled(self) -> None:
        clock = RealClock()
        instant = clock.now() + 0.01
        called = asyncio.Event()
        clock.call_at(instant, called.set)
        cancelled = asyncio.Event()
        clock.call_at(instant, cancelled.set).cancel()
        await called.wait()
        assert clock.now() >= instant - 0.001
        assert not cancelled.is_set()
        late = asyncio.Event()
        clock.call_at(instant, late.set)
        await late.wait()


class TestIds:
    def test_counted_ids_count_each_prefix(self) -> None:
        ids = CountedIds()
        assert [ids.next_id(prefix) for prefix in ("task", "node", "task")] == [
            "task-1",
            "node-1",
            "task-2",
        ]

    def test_real_ids_sort_in_the_order_they_were_made(self) -> None:
        ids = RealIds()
        made = [ids.next_id("task") for _ in range(5000)]
        assert made == sorted(made)
        assert len(set(made)) == 5000

    def test_real_ids_of_two_processes_differ(self) -> None:
        first, second = RealIds(), RealIds()
        made = {source.next_id("task") for source in (first, second) for _ in range(1000)}
        assert len(made) == 2000

    def test_a_real_id_is_made_of_letters_digits_and_hyphens(self) -> None:
        made = RealIds().next_id("task")
        prefix, stem, serial = made.split("-")
        assert (prefix, len(stem), serial) == ("task", 19, "0000001")
        assert stem.isalnum()
        assert stem == stem.lower()


class TestChance:
    def test_the_same_seed_and_purpose_draw_the_same(self) -> None:
        draws = [World(seed=7).rng("retry pauses").random() for _ in range(2)]
        assert draws[0] == draws[1]

    @pytest.mark.parametrize("other", [("7", 8, "a"), ("purpose", 7, "b")])
    def test_another_seed_or_purpose_draws_something_else(
        self, other: tuple[str, int, str]
    ) -> None:
        _, seed, purpose = other
        assert World(seed=7).rng("a").random() != World(seed=seed).rng(purpose).random()

    def test_a_draw_for_one_purpose_shifts_no_other(self) -> None:
        world = World(seed=7)
        undisturbed = [world.rng("b").random(), world.rng("a").random()][1]
        assert world.rng("a").random() == undisturbed

    def test_it_does_not_touch_the_generator_of_the_process(self) -> None:
        state = random.getstate()
        World(seed=7).rng("a").random()
        assert random.getstate() == state

    def test_two_worlds_have_different_seeds(self) -> None:
        assert World().seed != World().seed


def test_a_simulated_world_is_the_same_every_time() -> None:
    first, second = simulated_world(3), simulated_world(3)
    assert first.ids.next_id("task") == second.ids.next_id("task") == "task-1"
    assert first.clock.now() == second.clock.now() == 0.0
    assert first.rng("a").random() == second.rng("a").random()
