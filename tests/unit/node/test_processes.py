from __future__ import annotations

import multiprocessing
import os
import sys
from typing import Any

import pytest

from cognitive_architecture.distributed_mesh.handlers import Handler, HandlerKind
from cognitive_architecture.distributed_mesh.messages import OutcomeKind
from cognitive_architecture.distributed_mesh.node.loading import load_handlers
from cognitive_architecture.distributed_mesh.node.processes import HandlerProcess
from cognitive_architecture.foundation.errors import HandlerError
from tests.support.asynchronous import async_test, turns, until
from tests.support.builders import packed

from .bench import advance, slots_for

HANDLERS = load_handlers("tests.unit.node.process_handlers")


def _gone(payload: dict[str, Any]) -> None:
    """Served below under a name that the other process does not find."""


@async_test
async def test_a_function_runs_in_another_process_which_is_used_again() -> None:
    async with slots_for(HANDLERS) as bench:
        for lease in (1, 2, 3):
            bench.give(lease, "where", payload=packed({"x": [1, None, "ü"]}))
        await until(lambda: len(bench.results) == 3)
        assert {outcome["pid"] for outcome in bench.results.values()}.isdisjoint({os.getpid()})
        assert len({outcome["pid"] for outcome in bench.results.values()}) == 1
        assert bench.results[1]["payload"] == {"x": [1, None, "ü"]}


@async_test
async def test_a_process_that_dies_is_an_outcome_and_the_next_one_works() -> None:
    async with slots_for(HANDLERS) as bench:
        bench.give(1, "die", payload=packed({"code": 7}))
        bench.give(2, "where")
        await until(lambda: bench.results)
        assert bench.reasons == {
            1: (OutcomeKind.FAILED, "the handler's process died (exit code 7)")
        }


@async_test
async def test_whatever_it_raises_is_an_outcome() -> None:
    ways = ["ordinary", "for good", "half", "strange", "large", "exit", "interrupt"]
    async with slots_for(HANDLERS, result_bytes_max=1024) as bench:
        for lease, how in enumerate(ways):
            bench.give(lease, "misbehave", payload=packed({"how": how}))
        await until(lambda: len(bench.notes.outcomes) == len(ways))
        said = {how: bench.reasons[lease] for lease, how in enumerate(ways)}
    kind, reason = said["ordinary"]
    assert kind == OutcomeKind.FAILED
    assert str(reason).startswith("ZeroDivisionError: nobody can (misbehave, line ")
    assert said["for good"] == (OutcomeKind.FAILED_FOR_GOOD, "no way")
    assert str(said["half"][1]).startswith("ValueError: half: \\ud83d")
    assert said["strange"][0] == OutcomeKind.FAILED_FOR_GOOD
    assert said["large"] == (
        OutcomeKind.FAILED_FOR_GOOD,
        "result: 2,003 bytes, at most 1,024 are allowed",
    )
    assert said["exit"] == (OutcomeKind.FAILED, "the handler called sys.exit(3)")
    assert str(said["interrupt"][1]).startswith("KeyboardInterrupt")


@pytest.mark.skipif(sys.platform == "win32", reason="there, nobody can send it to one process")
@async_test
async def test_ctrl_c_is_the_business_of_the_node() -> None:
    async with slots_for(HANDLERS) as bench:
        bench.give(1, "interrupted")
        await until(lambda: bench.notes.outcomes)
        assert bench.results == {1: "not disturbed"}


@async_test
async def test_stopping_kills_it_and_frees_the_slot() -> None:
    async with slots_for(HANDLERS) as bench:
        bench.give(1, "where")  # the process is there
        await until(lambda: bench.results)
        bench.give(2, "hang")
        await until(bench.pool.running)
        bench.pool.stop(2, "nobody wants it")
        await until(lambda: bench.notes.freed == 2)
        bench.give(3, "where")
        await until(lambda: 3 in bench.results)
        assert bench.results[3]["pid"] != bench.results[1]["pid"]
        assert bench.reasons == {}


@async_test
async def test_one_that_is_stopped_before_its_process_has_begun_frees_its_slot() -> None:
    async with slots_for(HANDLERS) as bench:
        bench.give(1, "hang")
        await turns(2)
        bench.pool.stop(1, "nobody wants it")
        await until(lambda: bench.notes.freed == 1)
        assert bench.pool.stuck() == 0
        bench.give(2, "where")  # what came after it has a process
        await until(lambda: 2 in bench.results)


def test_a_call_whose_process_was_killed_before_it_began_starts_none() -> None:
    process = HandlerProcess()
    process.prepare()
    process.kill()
    with pytest.raises(HandlerError, match="was stopped before its process began"):
        process.call(__name__, "_gone", packed({}), 1024)
    assert not multiprocessing.active_children()


@async_test
async def test_it_ends_at_its_timeout() -> None:
    async with slots_for(HANDLERS) as bench:
        bench.give(1, "hang", timeout_s=1.0)
        await until(multiprocessing.active_children)
        await advance(bench.clock, 1.2)
        await until(lambda: bench.notes.freed == 1)
        assert bench.reasons == {1: (OutcomeKind.TIMED_OUT, "timed out after 1 s")}


@async_test
async def test_closing_leaves_no_process_behind() -> None:
    async with slots_for(HANDLERS, slots=2) as bench:
        bench.give(1, "hang")
        bench.give(2, "where")
        await until(lambda: bench.results)
        await bench.pool.close()
        await until(lambda: not multiprocessing.active_children())
        assert bench.reasons == {}


@async_test
async def test_a_function_that_the_other_process_does_not_find_is_an_outcome() -> None:
    _gone.__qualname__ = "moved_elsewhere"
    async with slots_for([Handler("gone", _gone, HandlerKind.PROCESS)]) as bench:
        bench.give(1, "gone")
        await until(lambda: bench.notes.outcomes)
        kind, reason = bench.reasons[1]
        assert kind == OutcomeKind.FAILED
        assert "has no attribute 'moved_elsewhere'" in str(reason)
