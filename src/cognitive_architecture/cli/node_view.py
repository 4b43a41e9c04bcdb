"""What a person is told at whose terminal a node runs."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from .rendering import (
    listed,
    notice_of_leaving,
    notices,
    plural,
    print_json_line,
    results,
)

if TYPE_CHECKING:
    from cognitive_architecture.distributed_mesh.node import NodeRuntime
    from cognitive_architecture.foundation.settings import Settings

_SAY_WAITING_AFTER_S: Final = 0.5


class NodeView:
    """That it has joined, waits for somebody, or leaves; nothing if it ``is_quiet``."""

    def __init__(
        self,
        runtime: NodeRuntime,
        settings: Settings,
        slots: int,
        *,
        chosen_id: str | None,
        as_json: bool,
        is_quiet: bool,
    ) -> None:
        self._runtime = runtime
        self._slots = slots
        self._mesh = settings.mesh
        self._as_json = as_json
        self._is_quiet = is_quiet
        # Until it is let in, a node does not say which of the two it waits for.
        self._or_namesake = f", or another node named {chosen_id} has not left" if chosen_id else ""
        self._is_leaving = False

    async def greet(self) -> None:
        """Say when it has joined; and before, if that takes long, what it waits for."""
        joined = asyncio.ensure_future(self._runtime.joined())
        try:
            await asyncio.wait([joined], timeout=_SAY_WAITING_AFTER_S)
            if not joined.done() and not self._is_quiet:
                notices().print(
                    f"no orchestrator of mesh {self._mesh.name!r} answers at "
                    f"{', '.join(self._mesh.connect)} yet; waiting for one (start it with "
                    f"cogmesh up){self._or_namesake}",
                    style="yellow",
                    soft_wrap=True,
                )
            await joined
        finally:
            joined.cancel()
        if not self._is_quiet and not self._is_leaving:
            self._say_joined()

    def _say_joined(self) -> None:
        about = self._about()
        if self._as_json:
            print_json_line(about)
            return
        results().print(
            listed(
                Text(about["node_id"], style="bold"),
                Text(f"joined {about['mesh']}", style="green"),
                plural(about["slots"], "slot"),
                f"offers {', '.join(about['capabilities'])}",
            )
        )

    def _about(self) -> dict[str, Any]:
        return {
            "node_id": self._runtime.node_id,
            "mesh": self._mesh.name,
            "slots": self._slots,
            "capabilities": sorted(self._runtime.capabilities),
            "pid": os.getpid(),
        }

    def say_leaving(self) -> None:
        """The first request has been heard."""
        self._is_leaving = True
        if not self._is_quiet:
            notice_of_leaving(
                "finishing what runs, handing back what waits; Ctrl-C again leaves at once"
            )

    def say_goodbye(self) -> None:
        """It is over."""
        if not self._is_quiet and not self._as_json:
            results().print(f"{self._runtime.node_id} has left")
