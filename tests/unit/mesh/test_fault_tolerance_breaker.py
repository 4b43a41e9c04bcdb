from __future__ import annotations

import asyncio

import pytest

from cognitive_architecture.distributed_mesh.fault_tolerance import (
    CircuitSettings,
    FailureType,
    FaultToleranceManager,
    RecoveryStrategy,
)
from cognitive_architecture.distributed_mesh.fault_tolerance.breaker import CircuitBreaker
from cognitive_architecture.foundation.errors import CircuitOpen
from cognitive_architecture.foundation.world import SimulatedClock, World, simulated_world
from tests.support.asynchronous import async_test, turns


def clock_of(world: World) -> SimulatedClock:
    assert isinstance(world.clock, SimulatedClock)
    return world.clock


class Service:
    """Does as it is told, and counts how often it was called."""

    def __init__(self) -> None:
        self.calls = 0
        self.is_broken = False

    def now(self, value: int = 1) -> int:
        self.calls += 1
        if self.is_broken:
            raise OSError("connection refused")
        return value

    async def later(self, value: int = 1) -> int:
        await asyncio.sleep(0)
        return self.now(value)


class TestCircuitBreaker:
    def test_a_plain_function_gives_its_value(self) -> None:
        assert CircuitBreaker(world=simulated_world()).call_service(Service().now, value=7) == 7

    @async_test
    async def test_a_coroutine_function_gives_an_awaitable(self) -> None:
        breaker = CircuitBreaker(world=simulated_world())
        assert await breaker.call_service(Service().later, 7) == 7

    @async_test
    async def test_a_function_that_returns_a_future_gives_an_awaitable(self) -> None:
        breaker = CircuitBreaker(world=simulated_world())

        def promise() -> asyncio.Future[int]:
            return asyncio.ensure_future(Service().later(7))

        assert await breaker.call_service(promise) == 7
        assert breaker.get_state()["succeeded"] == 1

    def test_what_the_service_raises_goes_on_to_the_caller(self) -> None:
        service = Service()
        service.is_broken = True
        with pytest.raises(OSError, match="connection refused"):
            CircuitBreaker(world=simulated_world()).call_service(service.now)

    def test_the_story_of_a_plain_service(self) -> None:
        world = simulated_world()
        breaker, service = CircuitBreaker("kobold", world=world), Service()
        service.is_broken = True
        for _ in range(5):
            with pytest.raises(OSError, match="refused"):
                breaker.call_service(service.now)

        assert breaker.get_state()["state"] == "open"
        clock_of(world).jump_to(20.0)
        with pytest.raises(CircuitOpen) as refused:
            breaker.call_service(service.now)
        assert (refused.value.service, refused.value.retry_after_s) == ("kobold", 40.0)
        assert refused.value.retryable
        assert service.calls == 5, "an open circuit leaves the service alone"

        clock_of(world).jump_to(60.0)
        assert breaker.get_state()["state"] == "half_open"
        service.is_broken = False
        assert breaker.call_service(service.now) == 1
        assert breaker.get_state()["state"] == "closed"

    @async_test
    async def test_the_story_of_an_async_service(self) -> None:
        world = simulated_world()
        breaker, service = CircuitBreaker(world=world), Service()
        service.is_broken = True
        for _ in range(5):
            with pytest.raises(OSError, match="refused"):
                await breaker.call_service(service.later)
        with pytest.raises(CircuitOpen):
            await breaker.call_service(service.later)
        clock_of(world).jump_to(60.0)
        with pytest.raises(OSError, match="refused"):
            await breaker.call_service(service.later)
        assert breaker.get_state() == {
            "name": "service",
            "state": "open",
            "failures_in_a_row": 6,
            "failures_max": 5,
            "recovery_s": 60.0,
            "retry_after_s": 60.0,
            "succeeded": 0,
            "failed": 6,
            "refused": 1,
            "opened": 2,
        }

    @async_test
    async def test_only_one_probe_goes_out_at_a_time(self) -> None:
        world = simulated_world()
        breaker, service = CircuitBreaker(world=world), Service()
        service.is_broken = True
        for _ in range(5):
            with pytest.raises(OSError, match="refused"):
                await breaker.call_service(service.later)
        clock_of(world).jump_to(60.0)
        service.is_broken = False

        outcomes = await asyncio.gather(
            *(breaker.call_service(service.later) for _ in range(10)), return_exceptions=True
        )

        assert [outcome for outcome in outcomes if outcome == 1] == [1]
        assert sum(isinstance(outcome, CircuitOpen) for outcome in outcomes) == 9
        assert service.calls == 6

    @async_test
    async def test_a_cancelled_call_is_no_failure(self) -> None:
        breaker = CircuitBreaker(settings=CircuitSettings(failures_max=1), world=simulated_world())
        call = asyncio.ensure_future(breaker.call_service(asyncio.Event().wait))
        await turns()
        call.cancel()
        await asyncio.wait([call])
        assert call.cancelled()
        assert breaker.get_state()["state"] == "closed"
        assert breaker.get_state()["failed"] == 0

    @async_test
    async def test_a_cancelled_probe_does_not_block_the_next(self) -> None:
        world = simulated_world()
        breaker, service = CircuitBreaker(world=world), Service()
        service.is_broken = True
        for _ in range(5):
            with pytest.raises(OSError, match="refused"):
                breaker.call_service(service.now)
        clock_of(world).jump_to(60.0)
        probe = asyncio.ensure_future(breaker.call_service(asyncio.Event().wait))
        await turns()
        probe.cancel()
        await asyncio.wait([probe])

        service.is_broken = False
        assert breaker.call_service(service.now) == 1


class TestCircuitBreakersOfTheManager:
    def test_the_same_name_is_the_same_breaker(self) -> None:
        manager = FaultToleranceManager(world=simulated_world())
        assert manager.get_circuit_breaker("a") is manager.get_circuit_breaker("a")
        assert manager.get_circuit_breaker("a") is not manager.get_circuit_breaker("b")

    def test_a_circuit_that_opens_is_noted(self) -> None:
        manager = FaultToleranceManager(world=simulated_world())
        service = Service()
        service.is_broken = True
        for _ in range(5):
            with pytest.raises(OSError, match="refused"):
                manager.get_circuit_breaker("kobold").call_service(service.now)
        (event,) = manager.recent_failures()
        assert event.failure_type is FailureType.COMMUNICATION_FAILURE
        assert event.recovery_strategy is RecoveryStrategy.CIRCUIT_BREAKER
        assert event.recovery_status == "calls are refused for 60 s, then one is tried"
        assert manager.get_failure_statistics()["circuit_breakers"]["kobold"]["state"] == "open"
