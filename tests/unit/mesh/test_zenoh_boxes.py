"""What an inbox hands on when its fabric goes on over another session."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from cognitive_architecture.distributed_mesh.adapters.zenoh_boxes import Inbox
from tests.support.asynchronous import async_test, turns


class Payload:
    def __init__(self, frame: bytes) -> None:
        self.payload = self
        self._frame = frame

    def to_bytes(self) -> bytes:
        return self._frame


class Session:
    """A session on which nothing comes but what a test lets come."""

    comes: Callable[[Any], None]

    def declare_subscriber(self, _key: str, on_sample: Callable[[Any], None]) -> object:
        self.comes = on_sample
        return object()


@async_test
async def test_what_came_is_handed_on_and_what_comes_over_the_last_session_is_not() -> None:
    first, second = Session(), Session()
    heard: list[bytes] = []
    inbox = Inbox(asyncio.get_running_loop(), first, "inbox/node/n1", heard.extend)  # type: ignore[arg-type]

    first.comes(Payload(b"before"))
    inbox.move_to(second)  # type: ignore[arg-type]
    first.comes(Payload(b"once more"))
    second.comes(Payload(b"after"))
    await turns()

    assert heard == [b"before", b"after"]
