"""How a task ended, as what its handler returned or as an error."""

from __future__ import annotations

import asyncio
from typing import Any

from cognitive_architecture.distributed_mesh.model import Ending, TaskStatus
from cognitive_architecture.distributed_mesh.payloads import decode_value
from cognitive_architecture.foundation.errors import MeshError, TaskCancelled, TaskFailed


def result_of(ending: Ending) -> Any:
    """What the handler returned.

    Raises:
        TaskFailed: It failed.
        TaskCancelled: It was cancelled.
    """
    if ending.status == TaskStatus.COMPLETED:
        return decode_value(ending.result)
    reason = ending.reason or ending.status
    if ending.status == TaskStatus.CANCELLED:
        raise TaskCancelled(ending.task_id, reason)
    raise TaskFailed(ending.task_id, reason)


def resolve(over: asyncio.Future[Ending], ending: Ending | MeshError) -> None:
    """Let whoever waits for the future know how the task ended, or why nobody does."""
    if over.done():
        return
    if isinstance(ending, MeshError):
        over.set_exception(ending)
    else:
        over.set_result(ending)
