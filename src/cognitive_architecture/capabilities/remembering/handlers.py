"""All handlers of a memory node."""

from __future__ import annotations

from cognitive_architecture.capabilities.remembering.atomspace import atomspace_handler
from cognitive_architecture.capabilities.remembering.attention_allocation import attention_handler
from cognitive_architecture.capabilities.remembering.memory_management import management_handler
from cognitive_architecture.distributed_mesh.handlers import Handler
from cognitive_architecture.memory.atom_memory import AtomMemory


def memory_handlers(memory: AtomMemory) -> tuple[Handler, ...]:
    """The handlers of a node that has this memory."""
    return (atomspace_handler(memory), attention_handler(memory), management_handler(memory))
