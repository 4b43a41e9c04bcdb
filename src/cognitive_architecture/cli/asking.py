"""Settings for a command, and a conversation with the mesh."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Final, TypeVar

from .rendering import may_animate, notices

if TYPE_CHECKING:
    from cognitive_architecture.distributed_mesh.client import MeshClient
    from cognitive_architecture.foundation.settings import Settings
    from cognitive_architecture.foundation.settings_source import Flag, LoadedSettings

T = TypeVar("T")

_QUICK_S: Final = 0.7
REQUESTER: Final = "cli"
"""Who the commands say they are. Always the same, so that an idempotency key given on the command
line means the same task when the command is repeated."""


def settings_for(
    connect: Sequence[str] | None, mesh: str | None, *more: Flag, log_name: str = ""
) -> LoadedSettings:
    """The settings that hold for this command; its logs go where they say from now on.

    Raises:
        ConfigurationError: One is wrong; the sentence says which, and where it stands.
    """
    # Checking settings loads pydantic, a tenth of a second that `cogmesh --help` does without.
    from cognitive_architecture.foundation.logs import configure_logs
    from cognitive_architecture.foundation.settings_source import Flag, load_settings

    loaded = load_settings(
        [
            Flag("mesh.connect", list(connect or ()), "--connect"),
            Flag("mesh.name", mesh, "--mesh"),
            *more,
        ]
    )
    configure_logs(loaded.settings.log, name=log_name)
    return loaded


def open_client(settings: Settings, name: str) -> AbstractAsyncContextManager[MeshClient]:
    """A connected client; in tests, a made-up one takes its place."""
    # The network is loaded only by commands that use it.
    from cognitive_architecture.composition import connect

    return connect(settings=settings, name=name)


def ask(
    question: Callable[[MeshClient], Awaitable[T]],
    connect: Sequence[str] | None,
    mesh: str | None,
    *,
    requester: str = REQUESTER,
) -> T:
    """Connect, ask, leave.

    Returns:
        The answer.

    Raises:
        MeshUnreachable: No orchestrator answers.
        MeshError: Whatever the question raises.
    """
    settings = settings_for(connect, mesh).settings

    async def converse() -> T:
        patience = asyncio.get_running_loop().call_later(_QUICK_S, _say_looking, settings)
        try:
            async with open_client(settings, requester) as client:
                patience.cancel()
                return await question(client)
        finally:
            patience.cancel()

    return asyncio.run(converse())


def _say_looking(settings: Settings) -> None:
    """A person who waits should know for what."""
    if may_animate():
        notices().print(f"looking for a mesh at {', '.join(settings.mesh.connect)}", style="dim")
