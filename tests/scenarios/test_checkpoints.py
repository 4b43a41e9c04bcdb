"""A handler goes on where an earlier attempt was, through a whole mesh in one process."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from cognitive_architecture.distributed_mesh.handlers import (
    RunningTask,
    declared_handler,
    handles,
)
from cognitive_architecture.distributed_mesh.machines.board import Board
from cognitive_architecture.distributed_mesh.model import DistributedTask, MeshNode, TaskStatus
from cognitive_architecture.distributed_mesh.orchestrator import CognitiveMeshOrchestrator
from cognitive_architecture.foundation.settings import NodeSettings, Settings
from tests.support.asynchronous import async_test, until
from tests.support.builders import packed
from tests.support.in_process import in_process_parts

STEPS = 4


class Counting:
    """Counts to four, one step an attempt: after each it fails, or waits to be stopped."""

    def __init__(self, *, fails: bool) -> None:
        self.found: list[Any] = []

        @handles("count")
        async def count(payload: dict[str, Any], task: RunningTask) -> Any:
            self.found.append(task.checkpoint)
            done = (task.checkpoint or 0) + 1
            if done == STEPS:
                return done
            task.save_checkpoint(done)
            if not fails:
                await asyncio.Event().wait()
            raise RuntimeError("after one step")

        @handles("chat")
        async def chat(payload: dict[str, Any], task: RunningTask) -> Any:
            return "hello"

        handlers = [found for f in (count, chat) if (found := declared_handler(f)) is not None]
        settings = Settings(node=NodeSettings(heartbeat_s=0.05, lookahead_max=0))
        self.orchestrator = CognitiveMeshOrchestrator(in_process_parts(handlers, settings))

    async def start(self) -> None:
        await self.orchestrator.start_enhanced_orchestration()
        self.orchestrator.register_node(MeshNode(capabilities={"count", "chat"}, max_load=1.0))

    def submit(self, task_id: str, task_type: str, **fields: Any) -> None:
        self.orchestrator.submit_task(DistributedTask(task_id, task_type, **fields))

    async def until_it_is_done(self, task_id: str) -> None:
        done = TaskStatus.COMPLETED
        await until(lambda: self.orchestrator.get_task_status(task_id) is done)


def has_kept(board: Board, data: bytes) -> bool:
    return board.checkpoints.of(1) == data


@async_test
async def test_each_attempt_that_fails_leaves_what_the_next_one_goes_on_from() -> None:
    mesh = Counting(fails=True)
    await mesh.start()
    try:
        mesh.submit("a", "count", max_attempts=STEPS, backoff_s=0.01)
        await mesh.until_it_is_done("a")
    finally:
        await mesh.orchestrator.stop_enhanced_orchestration()
    assert mesh.found == [None, 1, 2, 3]


@async_test
async def test_a_task_that_is_stopped_for_others_gets_done_a_step_at_a_time() -> None:
    mesh = Counting(fails=False)
    await mesh.start()
    board = mesh.orchestrator._the_dispatcher.board
    try:
        mesh.submit("a", "count", resumable=True)
        for number in range(2):
            await until(partial(has_kept, board, packed(number + 1)))
            mesh.submit(f"chat{number}", "chat", latency_target_s=1.0)
            await mesh.until_it_is_done(f"chat{number}")
        await until(lambda: len(mesh.found) == 3)
    finally:
        await mesh.orchestrator.stop_enhanced_orchestration()
    assert mesh.found == [None, 1, 2]
