"""The capability ``memory_management``: how much one memory node knows, and what it may forget.

    payload  one of {"figures": true}
                    {"forget": {"size": 1 to 1,000,000,000 (10,000), "spread": from 0 (100)}}
    result   {"figures": {"atoms", "guests", "tombstones", "log_changes", "undurable",
                          "shards": {shard: atoms}, "funds": {"sti", "lti", "accounts"}}}
             {"forgotten": [TEXT] (at most 1,000), "count": how many went, "atoms": how many stay}

Forgetting begins when there are ``size + spread`` atoms and ends at ``size - spread``. Those with
the least LTI go first; what a link holds, and what is protected, stays. Their STI and LTI go back
to the bank. What is forgotten leaves a tombstone, and goes at its other owner too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cognitive_architecture.atomspace import AtomSpaceError
from cognitive_architecture.atomspace.notation import write
from cognitive_architecture.capabilities.payload_fields import (
    check_names,
    flag_field,
    integer_field,
    shown,
)
from cognitive_architecture.distributed_mesh.handlers import Handler, HandlerKind, RunningTask
from cognitive_architecture.foundation.errors import InvalidPayload
from cognitive_architecture.memory.atom_memory import AtomMemory

from .asking import refusals_of, what_is_asked

_ASKED: Final = ("figures", "forget")
_NAMED_MAX: Final = 1000


def management_handler(memory: AtomMemory) -> Handler:
    """The handler of a node that has this memory."""

    async def memory_management(payload: Mapping[str, Any], _task: RunningTask) -> dict[str, Any]:
        """Say how much is remembered, or forget the least important of it."""
        check_names(payload, _ASKED)
        if what_is_asked(payload, _ASKED) == "figures":
            if not flag_field(payload, "figures"):
                raise InvalidPayload("payload.figures: true, or leave it out")
            counts = enumerate(memory.replica.counts())
            shards = {str(shard): count for shard, count in counts if count}
            funds = memory.attention.funds()
            return {"figures": memory.figures() | {"shards": shards, "funds": funds}}
        return await _forget(memory, payload["forget"])

    return Handler("memory_management", memory_management, HandlerKind.COROUTINE)


async def _forget(memory: AtomMemory, asked: object) -> dict[str, Any]:
    if not isinstance(asked, Mapping):
        raise InvalidPayload(f"payload.forget: an object is required, not {shown(asked)}")
    where = "payload.forget"
    check_names(asked, ("size", "spread"), where)
    size = integer_field(asked, "size", default=10_000, low=1, high=10**9, where=where)
    spread = integer_field(asked, "spread", default=min(100, size), low=0, high=size, where=where)
    with refusals_of("forget"):
        gone = await memory.forget(memory.replica.atoms(), size=size, spread=spread)
    return {
        "forgotten": [_text(atom) for atom in gone[:_NAMED_MAX]],
        "count": len(gone),
        "atoms": len(memory.replica),
    }


def _text(atom: Any) -> str:
    try:
        return write(atom)
    except AtomSpaceError:  # of a dialect that has words for everything, but not for people
        return write(atom, dialect="metta")
