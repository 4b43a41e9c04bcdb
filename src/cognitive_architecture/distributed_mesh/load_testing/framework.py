"""Runs load tests against a mesh and keeps their results."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import structlog

from cognitive_architecture.foundation.errors import ConfigurationError, MeshError
from cognitive_architecture.foundation.sentences import sentence_of, shown
from cognitive_architecture.foundation.world import World

from .advice import recommendations
from .arrivals import Arrivals
from .config import PREDEFINED_CONFIGS, LoadTestConfig, LoadTestType
from .drills import Bench, perform
from .driver import Driver
from .machine import MachineMeter, Meter
from .measurement import Measurement
from .stage import Stage
from .texts import task_maker
from .watch import LoadTestProgress, OnProgress, Watch

if TYPE_CHECKING:  # whoever has an orchestrator has loaded it
    from cognitive_architecture.distributed_mesh.orchestrator import CognitiveMeshOrchestrator

_log = structlog.get_logger(__name__)

_WARM_UP_TASKS: Final = 16
"""Sent before the measurement, so that the first task does not pay for what is made once."""

_HISTORY_MAX: Final = 100

_MACHINE: Final = (
    "average_cpu_usage",
    "peak_cpu_usage",
    "average_memory_usage",
    "peak_memory_usage",
    "average_process_cores",
)

_SHOWN: Final = (
    "total_tasks_completed",
    "success_rate",
    "throughput",
    "p50_latency",
    "p99_latency",
)


class LoadTestingFramework:
    """Sends real tasks through an orchestrator and measures what becomes of them.

    The load is made in the orchestrator's process and on its event loop, so its cost is part of
    the figures.
    """

    def __init__(
        self,
        orchestrator: CognitiveMeshOrchestrator,
        *,
        world: World | None = None,
        meter: Meter | None = None,
    ) -> None:
        """Prepare.

        Args:
            orchestrator: Of the mesh to be tested.
            world: Clock, ids and chance.
            meter: Of the machine; made with the first test if left out.
        """
        self._orchestrator = orchestrator
        self._world = world or World()
        self._meter = meter
        self._running: str | None = None
        self._counts: Counter[str] = Counter()
        self._history: deque[dict[str, Any]] = deque(maxlen=_HISTORY_MAX)

    # -- running -------------------------------------------------------------------------------

    async def run_named(
        self, config_name: str, *, on_progress: OnProgress | None = None
    ) -> dict[str, Any]:
        """Run a test of ``PREDEFINED_CONFIGS``; see ``run_load_test``.

        Raises:
            ConfigurationError: There is none of that name.
        """
        config = PREDEFINED_CONFIGS.get(config_name)
        if config is None:
            raise ConfigurationError(
                f"there is no load test {shown(config_name)}; "
                f"there are {', '.join(PREDEFINED_CONFIGS)}"
            )
        return await self.run_load_test(config, on_progress=on_progress)

    async def run_load_test(
        self, config: LoadTestConfig, *, on_progress: OnProgress | None = None
    ) -> dict[str, Any]:
        """Run one load test.

        An orchestrator that does not run is started for it, and stopped after it unless nodes of
        somebody else are in it. Where no node offers ``text_processing``, temporary ones are
        hosted and leave when the test is over, also when it is cancelled.

        Args:
            config: What to do.
            on_progress: Told every ``metrics_interval`` how far the test is.

        Returns:
            ``status`` (``completed`` or ``failed``, then ``error`` says why), ``metrics``,
            ``test_specific_results``, ``recommendations``, ``nodes``, ``config`` and when it was.
            Latencies and durations are in seconds, throughput in tasks per second, usages and
            rates of success shares of 1.

        Raises:
            ConfigurationError: ``config`` is no ``LoadTestConfig``.
            MeshError: Another test of this framework is running; they would measure each other.
        """
        self._refuse(config)
        test_id = self._running = self._world.ids.next_id("loadtest")
        began_wall, began = self._world.clock.wall(), self._world.clock.now()
        run = _Run(self._orchestrator, self._world, self._the_meter, config, test_id, on_progress)
        status, error = "completed", None
        try:
            await run.perform()
        except asyncio.CancelledError:
            status = "cancelled"
            raise
        except Exception as problem:  # noqa: BLE001 - whatever it was, it is the test's result
            status, error = "failed", _described(problem)
            _log.warning("load_test_failed", test=config.test_name, why=error)
        finally:
            self._running = None
            result = {
                "test_id": test_id,
                "test_name": config.test_name,
                "test_type": str(config.test_type),
                "status": status,
                "error": error,
                "started_at": began_wall,
                "completed_at": self._world.clock.wall(),
                "elapsed": self._world.clock.now() - began,
            }
            self._note(result, run)
        return result | run.findings(config)

    def _refuse(self, config: object) -> None:
        if not isinstance(config, LoadTestConfig):
            raise ConfigurationError(f"config: a LoadTestConfig, not {shown(config)}")
        if self._running is not None:
            raise MeshError(
                f"load test {self._running} is running: two at once would measure each other; "
                "wait for it, or cancel it"
            )

    @property
    def _the_meter(self) -> Meter:
        if self._meter is None:
            self._meter = MachineMeter()
        return self._meter

    # -- what was run --------------------------------------------------------------------------

    def _note(self, result: dict[str, Any], run: _Run) -> None:
        self._counts[result["status"]] += 1
        metrics = run.total.to_dict()
        self._history.append(result | {name: metrics[name] for name in _SHOWN})

    def get_test_summary(self) -> dict[str, Any]:
        """How many tests there were, and the youngest of them, youngest first."""
        return {
            "total_tests": self._counts.total(),
            "completed_tests": self._counts["completed"],
            "failed_tests": self._counts["failed"],
            "cancelled_tests": self._counts["cancelled"],
            "running_test": self._running,
            "recent_tests": list(reversed(self._history)),
            "available_tests": {
                name: config.duration for name, config in PREDEFINED_CONFIGS.items()
            },
        }


class _Run:
    """One load test, from the first node to the last word."""

    def __init__(
        self,
        orchestrator: CognitiveMeshOrchestrator,
        world: World,
        meter: Meter,
        config: LoadTestConfig,
        test_id: str,
        on_progress: OnProgress | None,
    ) -> None:
        self._orchestrator = orchestrator
        self._world = world
        self._meter = meter
        self._config = config
        self._on_progress = on_progress
        self._make_task = task_maker(world, config.task_complexity, test_id)
        self._completed_before = 0
        self._watch: Watch | None = None
        self._bench: Bench | None = None
        self._nodes = {"found": 0, "temporary": 0}
        self.total = Measurement(began=world.clock.now())

    async def perform(self) -> None:
        config = self._config
        async with (
            _running(self._orchestrator),
            Stage(self._orchestrator, self._world, config.test_name) as stage,
        ):
            self._nodes["found"] = stage.serving()
            needs_own = config.has_chaos or self._nodes["found"] == 0
            if needs_own and config.test_type is not LoadTestType.SCALABILITY:
                await stage.grow_to(config.target_nodes)
            elif needs_own:
                await stage.grow_to(1)
            self._nodes["temporary"] = len(stage.nodes)
            await self._warm_up()
            bench = self._bench = self._make_bench(stage)
            await self._watched(bench)

    async def _warm_up(self) -> None:
        unmeasured = Measurement(began=self._world.clock.now())
        driver = Driver(self._orchestrator, self._world.clock, self._make_task, [unmeasured])
        at_once = Arrivals(rate=1000.0, duration_s=_WARM_UP_TASKS / 1000.0)
        await driver.send(at_once, in_flight_max=_WARM_UP_TASKS)

    def _make_bench(self, stage: Stage) -> Bench:
        self.total = Measurement(began=self._world.clock.now())
        measurements = [self.total]
        return Bench(
            config=self._config,
            world=self._world,
            stage=stage,
            driver=Driver(self._orchestrator, self._world.clock, self._make_task, measurements),
            meter=self._meter,
            total=self.total,
            measurements=measurements,
        )

    async def _watched(self, bench: Bench) -> None:
        """Run the test, and stop it if the watch says so."""
        watch = self._watch = Watch(
            self._world.clock,
            self._meter,
            interval_s=self._config.metrics_interval,
            look=self._progress,
            on_progress=self._on_progress,
            is_alive=lambda: self._orchestrator.is_running,
        )
        watching = asyncio.create_task(watch.run())
        performing = asyncio.create_task(perform(bench))
        try:
            await asyncio.wait([watching, performing], return_when=asyncio.FIRST_COMPLETED)
            if watching.done():
                watching.result()  # raises why the test must stop
            performing.result()
            watch.look()
        finally:
            watching.cancel()
            performing.cancel()
            await asyncio.gather(watching, performing, return_exceptions=True)
            self._nodes["temporary"] = max(self._nodes["temporary"], len(bench.stage.nodes))

    def _progress(self, cpu_usage: float, passed_s: float) -> LoadTestProgress:
        completed = self.total.completed
        new, self._completed_before = completed - self._completed_before, completed
        return LoadTestProgress(
            test_name=self._config.test_name,
            phase=self._bench.phase if self._bench else "preparing",
            elapsed_s=self._world.clock.now() - self.total.began,
            duration_s=self._config.duration,
            sent=self.total.sent,
            completed=completed,
            failed=self.total.failed,
            in_flight=self._bench.driver.in_flight if self._bench else 0,
            throughput=new / passed_s if passed_s > 0 else 0.0,
            cpu_usage=cpu_usage,
        )

    def findings(self, config: LoadTestConfig) -> dict[str, Any]:
        """What the test has found out, as far as it came."""
        machine = self._watch.to_dict() if self._watch else dict.fromkeys(_MACHINE, 0.0)
        metrics = self.total.to_dict() | machine
        figures = self._bench.figures if self._bench else {}
        return {
            "metrics": metrics,
            "test_specific_results": figures,
            "recommendations": recommendations(config, metrics, figures),
            "nodes": self._nodes,
            "config": config.to_dict(),
        }


@asynccontextmanager
async def _running(orchestrator: CognitiveMeshOrchestrator) -> AsyncIterator[None]:
    """Let the orchestrator run, at least as long as the block."""
    if orchestrator.is_running:
        yield
        return
    await orchestrator.start_enhanced_orchestration()
    try:
        yield
    finally:
        if orchestrator.is_running and not orchestrator.nodes():
            await orchestrator.stop_enhanced_orchestration()


def _described(error: Exception) -> str:
    said = sentence_of(error)
    return said if isinstance(error, MeshError) else f"{type(error).__name__}: {said}"
