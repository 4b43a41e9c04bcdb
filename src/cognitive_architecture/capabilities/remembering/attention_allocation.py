"""The capability ``attention_allocation``: what matters to one memory node, and how much.

    payload  one of {"stimulate": TEXT, "amount": 0 to 1,000,000 (1), "urgency": 0 to 1 (0)}
                    {"protect": TEXT}      one more reason never to forget these atoms
                    {"turns": 1 to 1,000}  rent, learning, diffusion, so many times
                    {"focus": 1 to 10,000} the atoms with the most STI, the richest first
             and     "dialect": 2026, classic or metta (2026)
    result   {"stimulated": atoms} · {"protected": atoms}
             {"turns": how many, "links_learnt": Hebbian links that are new, "bank_sti": its funds}
             {"focus": [{"atom": TEXT, "sti": STI, "lti": LTI}]}

Accounts are opened when they are first needed. The laws are told in docs/attention.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from cognitive_architecture.atomspace.notation import write
from cognitive_architecture.capabilities.payload_fields import (
    check_names,
    integer_field,
    number_field,
)
from cognitive_architecture.distributed_mesh.handlers import Handler, HandlerKind, RunningTask
from cognitive_architecture.memory.atom_memory import AtomMemory

from .asking import dialect_field, expressions_field, known, refusals_of, what_is_asked

_ASKED: Final = ("stimulate", "protect", "turns", "focus")


def attention_handler(memory: AtomMemory) -> Handler:
    """The handler of a node that has this memory."""

    async def attention_allocation(payload: Mapping[str, Any], task: RunningTask) -> dict[str, Any]:
        """Pay attention to atoms: stimulate, protect, let turns pass, read the focus."""
        check_names(payload, (*_ASKED, "amount", "urgency", "dialect"))
        asked = what_is_asked(payload, _ASKED)
        if asked == "turns":
            return await _turns(memory, payload, task)
        if asked == "focus":
            return _focus(memory, payload)
        written = await expressions_field(payload, asked)
        atoms = list(dict.fromkeys(expression.atom for expression in written))
        found = [known(memory.replica, atom, asked).atom for atom in atoms]
        own = [atom for atom in found if atom is not None]
        with refusals_of(asked):
            if asked == "protect":
                memory.attention.protect(own)
                return {"protected": len(own)}
            amount = number_field(payload, "amount", default=1.0, low=0.0, high=1e6)
            urgency = number_field(payload, "urgency", default=0.0, low=0.0, high=1.0)
            memory.attention.stimulate(dict.fromkeys(own, amount), urgency)
            return {"stimulated": len(own)}

    return Handler("attention_allocation", attention_allocation, HandlerKind.COROUTINE)


async def _turns(
    memory: AtomMemory, payload: Mapping[str, Any], task: RunningTask
) -> dict[str, Any]:
    count = integer_field(payload, "turns", default=1, low=1, high=1000, where="payload")
    links, done = 0, 0
    for number in range(count):
        if task.is_cancelled:
            break
        links += memory.attention.turn()
        done += 1
        task.progress((number + 1) / count)
        await asyncio.sleep(0)
    return {"turns": done, "links_learnt": links, "bank_sti": memory.attention.bank_sti}


def _focus(memory: AtomMemory, payload: Mapping[str, Any]) -> dict[str, Any]:
    limit = integer_field(payload, "focus", default=100, low=1, high=10_000, where="payload")
    dialect = dialect_field(payload)
    with refusals_of("focus"):
        return {
            "focus": [
                {"atom": write(atom, dialect=dialect), "sti": sti, "lti": lti}
                for atom, sti, lti in memory.attention.focus(limit)
            ]
        }
