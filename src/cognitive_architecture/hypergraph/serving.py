"""What memory nodes answer each other and those who ask for the whole: ``atomspace:<id>``.

    payload  one of {"merge": bundle}                    keep these records
                    {"match": atoms, "shards": [0…63]}   what looks like one of these terms
                    {"records": [digest]}                what is known of these
                    {"holders": atoms}                   the links that hold one of these
                    {"compare": sums, "roster": …}       what is there, in short
                    {"versions": shard}                  what is there of a shard, one by one
                    {"dismiss": name}                    that memory node will not come back
                    {"figures": true}                    how much there is
             and     "with_values": bool (true), "deadline_s": 0.01 to 300 (10)
    result   what was asked for, and "view": the memory nodes that this one knows to be there

Atoms travel as in ``memory.bundles``. What is merged is durable when the task has ended. A reader
compares views too: where they differ, somebody has come or gone, and owners may have changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Final

from cognitive_architecture.atomspace import Atom, AtomSpaceError, standard_types
from cognitive_architecture.atomspace.atoms import last_first
from cognitive_architecture.atomspace.patterns import DeadlinePassed
from cognitive_architecture.distributed_mesh.handlers import Handler, HandlerKind, RunningTask
from cognitive_architecture.foundation.errors import InvalidPayload, PermanentFailure
from cognitive_architecture.foundation.sentences import shown
from cognitive_architecture.memory.atom_memory import AtomMemory
from cognitive_architecture.memory.bundles import RECORDS_MAX, bundled, heard_atoms, unbundled
from cognitive_architecture.memory.errors import BadBundle, NestedTooDeep
from cognitive_architecture.memory.identity import DIGEST_BYTES, SHARDS
from cognitive_architecture.memory.matching import matching

from .answers import ALL_SHARDS
from .words import capability_of

_ASKED: Final = (
    "merge",
    "match",
    "records",
    "holders",
    "compare",
    "versions",
    "dismiss",
    "figures",
)
_BESIDE: Final = ("shards", "roster", "with_values", "deadline_s")


def serving_handler(memory: AtomMemory) -> Handler:
    """The handler of the node that has this memory."""
    serving = _Serving(memory)

    async def serve(payload: Mapping[str, Any], _task: RunningTask) -> dict[str, Any]:
        """What this memory node keeps of the hypergraph: asked by the mesh itself."""
        try:
            return await serving.answer(payload)
        except DeadlinePassed as error:
            raise PermanentFailure(str(error)) from error
        except (AtomSpaceError, BadBundle, NestedTooDeep) as error:
            raise InvalidPayload(f"payload: {error}") from error

    return Handler(capability_of(memory.name), serve, HandlerKind.COROUTINE)


class _Serving:
    def __init__(self, memory: AtomMemory) -> None:
        self._memory = memory
        self._types = standard_types()

    async def answer(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        asked = [name for name in _ASKED if name in payload]
        unknown = sorted(set(payload) - {*_ASKED, *_BESIDE})
        if len(asked) != 1 or unknown:
            raise InvalidPayload(
                f"payload: exactly one of {', '.join(_ASKED)} is required, beside it at most "
                f"{', '.join(_BESIDE)}; not {', '.join(sorted(payload)) or 'nothing'}"
            )
        said = payload[asked[0]]
        match asked[0]:
            case "merge":
                found = await self._merge(said)
            case "match":
                found = await self._match(said, payload)
            case "records":
                found = self._records(said)
            case "holders":
                found = self._holders(said)
            case "compare":
                found = await self._compare(payload)
            case "versions":
                found = self._versions(said)
            case "dismiss":
                found = await self._dismiss(said)
            case _:
                found = self._figures()
        return found | {"view": sorted(self._memory.holding.view)}

    async def _merge(self, said: object) -> dict[str, Any]:
        records = await asyncio.to_thread(unbundled, said, self._types)
        changed = await self._memory.merge(records)
        return {"changed": changed}

    async def _match(self, said: object, payload: Mapping[str, Any]) -> dict[str, Any]:
        terms = heard_atoms(said, self._types)
        shards = frozenset(_shard(shard) for shard in _list(payload.get("shards", range(SHARDS))))
        with_values = payload.get("with_values", True) is not False
        clock = self._memory.clock
        # Before the atoms are looked at: what becomes complete meanwhile is not claimed.
        standing = self._standing(shards)
        view = self._memory.replica.space.snapshot()
        deadline = clock.now() + _seconds(payload.get("deadline_s", 10.0))

        def look() -> dict[str, Any]:
            found = matching(view, terms, shards, deadline=deadline, clock=clock.now)
            return bundled(found, with_values=with_values)

        return {"found": await asyncio.to_thread(look)} | standing

    def _records(self, said: object) -> dict[str, Any]:
        known = (self._memory.replica.record(_digest(digest)) for digest in _list(said))
        found = bundled(record for record in known if record is not None)
        return {"found": found} | self._standing(ALL_SHARDS)

    def _standing(self, shards: frozenset[int]) -> dict[str, Any]:
        """What this node may say of some shards, and who is missing of the others."""
        holding = self._memory.holding
        missing = {
            str(shard): sorted(names)
            for shard, names in holding.missing.items()
            if shard in shards and names
        }
        return {"complete": sorted(shards & holding.complete), "missing": missing}

    def _holders(self, said: object) -> dict[str, Any]:
        replica = self._memory.replica
        holding: dict[Atom, None] = {}
        for atom in heard_atoms(said, self._types):
            above = last_first(atom, replica.space.incoming)
            holding |= dict.fromkeys(link for link in above if link != atom)
        known = (replica.find(link) for link in holding)
        found = [record for record in known if record is not None]
        return {"found": bundled(found, with_values=False)}

    async def _compare(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        roster = self._memory.roster
        if roster.hear(payload.get("roster", {})):
            await self._memory.commit()
        return {
            "sums": self._memory.replica.sums(),
            "complete": sorted(self._memory.holding.complete),
            "roster": roster.said(),
        }

    def _versions(self, said: object) -> dict[str, Any]:
        versions = self._memory.replica.versions(_shard(said))
        return {"versions": {digest.hex(): f"{n:016x}" for digest, n in versions.items()}}

    async def _dismiss(self, said: object) -> dict[str, Any]:
        roster = self._memory.roster
        if not isinstance(said, str) or said not in roster:
            raise InvalidPayload(
                f"payload.dismiss: one of {', '.join(sorted(roster.members))}, not {shown(said)}"
            )
        if said in self._memory.holding.view:
            raise InvalidPayload(f"payload.dismiss: {said} is there: let it leave first")
        if said in roster.members:
            roster.say(said, self._memory.stamps.next(), is_member=False)
        await self._memory.commit()
        return {"members": sorted(roster.members)}

    def _figures(self) -> dict[str, Any]:
        memory = self._memory
        counts = {str(shard): count for shard, count in enumerate(memory.replica.counts()) if count}
        figures = memory.figures() | {
            "shards": len(memory.holding.owned),
            "complete": len(memory.holding.complete),
            "funds": memory.attention.funds(),
            "shard_atoms": counts,
        }
        return {"figures": figures, "roster": sorted(memory.roster.members)}


def _list(said: object) -> Iterable[object]:
    if not isinstance(said, list | tuple | range) or len(said) > RECORDS_MAX:
        raise InvalidPayload(f"payload: a list of at most {RECORDS_MAX:,} is required")
    return said


def _shard(said: object) -> int:
    if not isinstance(said, int) or isinstance(said, bool) or not 0 <= said < SHARDS:
        raise InvalidPayload(f"payload: a shard is a number from 0 to {SHARDS - 1}, not {said!r}")
    return said


def _digest(said: object) -> bytes:
    try:
        digest = bytes.fromhex(said) if isinstance(said, str) else b""
    except ValueError:
        digest = b""
    if len(digest) != DIGEST_BYTES:
        raise InvalidPayload(f"payload: a digest is 32 hexadecimal digits, not {shown(said)}")
    return digest


def _seconds(said: object) -> float:
    if isinstance(said, bool) or not isinstance(said, int | float) or not 0.01 <= said <= 300:
        raise InvalidPayload(f"payload.deadline_s: a number from 0.01 to 300, not {shown(said)}")
    return float(said)
