"""What every node can do out of the box: real work on text, rules and dialogue.

The built-in handlers are thin; the work is done by pure functions that a program without a mesh
can call as well.
"""

from __future__ import annotations

from typing import Final

from cognitive_architecture.capabilities import dialogue, reasoning, text_processing
from cognitive_architecture.distributed_mesh.handlers import Handler, declared_handler

BUILT_IN_HANDLERS: Final[tuple[Handler, ...]] = tuple(
    handler
    for function in (
        text_processing.process_text,
        reasoning.draw_conclusions,
        dialogue.attribute_speech,
    )
    if (handler := declared_handler(function)) is not None
)
"""The handlers that a node offers where its settings name no others."""

MEMORY_CAPABILITIES: Final = ("atomspace", "attention_allocation", "memory_management")
"""What a memory node offers. Its handlers hold on to its memory (``remembering``), so they are made
for each such node; and it offers nothing else."""

__all__ = ["BUILT_IN_HANDLERS", "MEMORY_CAPABILITIES"]
