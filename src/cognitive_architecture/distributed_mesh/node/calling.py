"""Calls a handler as its kind wants it: awaited, followed, on a thread, or in a process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any, Final

from cognitive_architecture.distributed_mesh.handlers import Handler, HandlerKind
from cognitive_architecture.distributed_mesh.messages import Assignment
from cognitive_architecture.distributed_mesh.payloads import decode_value, encode_result
from cognitive_architecture.foundation.errors import OutputTooLarge
from cognitive_architecture.foundation.world import Clock

from .processes import HandlerProcess
from .reporter import Reporter
from .threads import DaemonThreads
from .work import Slot

TURN_S: Final = 0.002
"""How long a slot may work without letting the loop do anything else."""


class Calling:
    """Payload in, result out, as bytes.

    Args:
        clock: For how long a stream goes on without a break.
        threads: Where handlers run that block.
        reporter: Told the pieces of streams.
        result_bytes_max: A result, or all of a stream, has no more.
    """

    def __init__(
        self, clock: Clock, threads: DaemonThreads, reporter: Reporter, *, result_bytes_max: int
    ) -> None:
        self._now = clock.now
        self._threads = threads
        self._reporter = reporter
        self._result_bytes_max = result_bytes_max

    async def call(
        self, slot: Slot, handler: Handler, assignment: Assignment
    ) -> tuple[bytes | None, int | None]:
        """The result, or ``None`` and how many chunks it was streamed in.

        Raises:
            UnencodableResult: JSON cannot say the result.
            OutputTooLarge: It has too many bytes.
            BaseException: Whatever the handler raises.
        """
        if handler.kind is HandlerKind.COROUTINE:
            result = await handler.function(decode_value(assignment.spec.payload), slot.work)
            return encode_result(result, bytes_max=self._result_bytes_max), None
        if handler.kind is HandlerKind.STREAM:
            return None, await self._stream(slot, handler, assignment)
        return await self._call_on_thread(slot, handler, assignment), None

    async def _call_on_thread(self, slot: Slot, handler: Handler, assignment: Assignment) -> bytes:
        payload = assignment.spec.payload
        if handler.kind is HandlerKind.PROCESS:
            slot.process = slot.process or HandlerProcess()
            slot.process.prepare()
            function = handler.function
            data: bytes = await self._until_it_returns(
                slot,
                slot.process.call,
                function.__module__,
                function.__qualname__,
                payload,
                self._result_bytes_max,
            )
            return data
        result = await self._until_it_returns(
            slot, handler.function, decode_value(payload), slot.work
        )
        return encode_result(result, bytes_max=self._result_bytes_max)

    async def _until_it_returns(
        self, slot: Slot, function: Callable[..., Any], *arguments: Any
    ) -> Any:
        """Run on a thread. A thread cannot be stopped: its slot stays taken until it returns."""
        running = self._threads.run(function, *arguments)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            # It was asked to stop; how it ends does not matter.
            running.add_done_callback(lambda done: done.exception())
            if slot.stop_reason is not None:
                while not running.done():
                    try:
                        await asyncio.wait([running])
                    except asyncio.CancelledError:
                        break  # the pool is closing
            raise

    async def _stream(self, slot: Slot, handler: Handler, assignment: Assignment) -> int:
        index = size = 0
        turn_ends = slot.began + TURN_S
        async with aclosing(
            handler.function(decode_value(assignment.spec.payload), slot.work)
        ) as values:
            async for value in values:
                if slot.work is not None and slot.work.is_cancelled:
                    break  # it was told, and went on
                data = encode_result(value, bytes_max=self._result_bytes_max)
                size += len(data)
                if size > self._result_bytes_max:
                    raise OutputTooLarge(
                        f"streamed more than {self._result_bytes_max:,} bytes in {index + 1} chunks"
                    )
                self._reporter.chunk(assignment.lease, index, data)
                index += 1
                await self._reporter.room_for_chunks()
                if self._now() > turn_ends:  # a generator may never wait for anything
                    await asyncio.sleep(0)
                    turn_ends = self._now() + TURN_S
        return index
