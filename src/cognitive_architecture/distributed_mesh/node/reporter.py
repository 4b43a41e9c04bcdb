"""Who is told what happens in the slots."""

from __future__ import annotations

from typing import Protocol

from cognitive_architecture.distributed_mesh.messages import Outcome


class Reporter(Protocol):
    """Hears how attempts go and how they end."""

    def attempt_ended(self, outcome: Outcome) -> None:
        """An attempt is over, and this is how it went."""
        ...

    def slot_freed(self) -> None:
        """A slot takes the next assignment."""
        ...

    def slot_idles(self) -> None:
        """A slot has nothing left to do in this turn."""
        ...

    def chunk(self, lease: int, index: int, data: bytes) -> None:
        """A handler streamed a value."""
        ...

    def progressed(self, lease: int, fraction: float, note: str) -> None:
        """A handler says how far it is."""
        ...

    def checkpoint(self, lease: int, data: bytes) -> None:
        """A handler keeps what another attempt may go on from; called from any thread."""
        ...

    async def room_for_chunks(self) -> None:
        """Return when more chunks can be sent."""
        ...
