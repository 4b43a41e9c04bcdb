"""What the simulated nodes' handlers do: well or badly, as the task's payload says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final, Protocol

from cognitive_architecture.distributed_mesh.handlers import (
    Handler,
    HandlerKind,
    RunningTask,
)
from cognitive_architecture.foundation.errors import PermanentFailure

_SLOWED: Final = 10.0


class Witness(Protocol):
    """Whoever writes down what handlers do."""

    def began(self, host: str, task: RunningTask) -> int:
        """A handler was called; the number of this execution."""
        ...

    def ended(self, execution: int, how: str, chunks: int = 0) -> None:
        """It is over."""
        ...

    def was_interrupted(self, execution: int) -> None:
        """It was told to stop."""
        ...

    def ailment(self, host: str) -> str:
        """What is wrong with the host's handlers now: ``fails``, ``slow``, or nothing."""
        ...


def handlers_of(host: str, offers: list[str], witness: Witness) -> list[Handler]:
    """The handlers of one node. What is called ``tale…`` streams, the rest returns."""
    return [
        Handler(
            offer,
            _streaming(host, witness) if offer.startswith("tale") else _returning(host, witness),
            HandlerKind.STREAM if offer.startswith("tale") else HandlerKind.COROUTINE,
        )
        for offer in offers
    ]


def _returning(host: str, witness: Witness) -> Any:
    async def work(payload: dict[str, Any], task: RunningTask) -> Any:
        execution = witness.began(host, task)
        how = "died"
        try:
            await _spend(payload, host, execution, witness)
            if payload.get("progress"):
                task.progress(0.5, "half")
            _fail_if_due(payload, task, witness.ailment(host))
            how = "returned"
            if payload["does"] == "garbage":
                how = "for good"
                return {"nobody": 1j}
            return {"by": execution, "pad": "x" * int(payload.get("pad", 0))}
        except PermanentFailure:
            how = "for good"
            raise
        except asyncio.CancelledError:
            how = "interrupted"
            witness.was_interrupted(execution)
            raise
        finally:
            witness.ended(execution, how)

    return work


def _streaming(host: str, witness: Witness) -> Any:
    async def tell(payload: dict[str, Any], task: RunningTask) -> AsyncIterator[Any]:
        execution = witness.began(host, task)
        how, told = "died", 0
        chunks = int(payload.get("chunks", 3))
        try:
            for index in range(chunks):
                await _spend(payload, host, execution, witness, share=1.0 / chunks)
                if index == chunks // 2:
                    _fail_if_due(payload, task, witness.ailment(host))
                told += 1
                yield [execution, index]
            how = "returned"
        except PermanentFailure:
            how = "for good"
            raise
        except (asyncio.CancelledError, GeneratorExit):
            how = "interrupted"
            witness.was_interrupted(execution)
            raise
        finally:
            witness.ended(execution, how, told)

    return tell


async def _spend(
    payload: dict[str, Any], host: str, execution: int, witness: Witness, share: float = 1.0
) -> None:
    """Take the time the task takes; whoever ``ignores`` goes on although it was told to stop."""
    takes_s = float(payload.get("s", 0.0)) * share
    if witness.ailment(host) == "slow":
        takes_s *= _SLOWED
    if takes_s <= 0.0:
        return
    try:
        await asyncio.sleep(takes_s)
    except asyncio.CancelledError:
        ignores_s = float(payload.get("ignores_s", 0.0))
        if not ignores_s:
            raise
        witness.was_interrupted(execution)
        await asyncio.sleep(ignores_s)


def _fail_if_due(payload: dict[str, Any], task: RunningTask, ailment: str) -> None:
    if payload["does"] == "for good":
        raise PermanentFailure("this can never work")
    if ailment == "fails":
        raise RuntimeError("nothing works here now")
    if task.attempt <= int(payload.get("fails", 0)):
        raise RuntimeError(f"attempt {task.attempt} fails as planned")
