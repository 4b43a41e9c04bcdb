"""Tests that need an event loop."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import ParamSpec

P = ParamSpec("P")

DEADLINE_S = 30.0
"""No test waits for anything longer than this; reaching it is a failure, not a measurement."""

TEST_DEADLINE_S = 200.0
"""For all that a test waits for, one after the other, on a busy machine. Below the limit that
pytest has for a test (``pyproject.toml``), which names nothing."""


def async_test(test: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """Run a test on an event loop of its own, which must be empty afterwards.

    A ``mesh`` that lives in virtual time brings its own way to run.
    """

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        async def bounded() -> None:
            async with asyncio.timeout(TEST_DEADLINE_S):
                await test(*args, **kwargs)
            left = asyncio.all_tasks() - {asyncio.current_task()}
            assert not left, f"the test leaves tasks behind: {left}"

        run_in = getattr(kwargs.get("mesh"), "run", asyncio.run)
        run_in(bounded())

    return run


async def until(condition: Callable[[], object], *, within_s: float = DEADLINE_S) -> None:
    """Return when the condition holds; for what only real time brings about."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_s
    while not condition():
        assert loop.time() < deadline, f"still not true after {within_s:g} s"
        await asyncio.sleep(0.002)


async def turns(count: int = 10) -> None:
    """Let everything that is ready run, and what that makes ready."""
    for _ in range(count):
        await asyncio.sleep(0)
