"""The capability ``atomspace``: the atoms that are at home at one memory node.

    payload  one of {"add": TEXT}         add atoms, with the values that stand on them
                    {"set": TEXT}         set the values that stand on atoms that are there
                    {"remove": TEXT, "with_incoming": bool (false)}
                    {"query": TEXT}       what a Meet, Get, Query or Bind gives
                    {"match": TEXT}       the atoms that look like a pattern, and what each of its
                                          variables stands for
                    {"show": TEXT}        atoms with their values
             and     "dialect": 2026, classic or metta (2026),
                     "limit": 1 to 100,000 (1,000), "deadline_s": 0.01 to 300 (10)
    result   {"changed": atoms that are different now}
             {"answers": [TEXT], "is_all": whether there may be more}
             {"atoms": [{"atom": TEXT, "bindings": {"$x": TEXT}}], "is_all": bool}
             {"atoms": [{"atom": TEXT, "is_there": bool}]}

TEXT is one expression or several. A write is durable when its task has ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, Final

from cognitive_architecture.atomspace import Atom, AtomInUse, Link, Node
from cognitive_architecture.atomspace.atoms import last_first
from cognitive_architecture.atomspace.notation import Expression, write
from cognitive_architecture.atomspace.patterns import Query, ask, read_query, terms_of
from cognitive_architecture.atomspace.patterns.rewriting import Rewrite
from cognitive_architecture.capabilities.payload_fields import (
    check_names,
    flag_field,
    integer_field,
    number_field,
)
from cognitive_architecture.distributed_mesh.handlers import (
    Handler,
    HandlerKind,
    RunningTask,
)
from cognitive_architecture.foundation.errors import InvalidPayload
from cognitive_architecture.memory import SHARDS
from cognitive_architecture.memory.atom_memory import AtomMemory
from cognitive_architecture.memory.matching import gathered, matching
from cognitive_architecture.memory.records import Record, removed
from cognitive_architecture.memory.writing import atoms_in, records_of

from .asking import dialect_field, expressions_field, known, refusals_of, what_is_asked

_ASKED: Final = ("add", "set", "remove", "query", "match", "show")
_ALL_SHARDS: Final = frozenset(range(SHARDS))
_LIMIT_MAX: Final = 100_000


def atomspace_handler(memory: AtomMemory) -> Handler:
    """The handler of a node that has this memory."""

    async def atomspace(payload: Mapping[str, Any], _task: RunningTask) -> dict[str, Any]:
        """Keep atoms and find them: add, set, remove, query, match, show."""
        check_names(payload, (*_ASKED, "with_incoming", "dialect", "limit", "deadline_s"))
        asked = what_is_asked(payload, _ASKED)
        return await _Request(memory, payload, asked).answer()

    return Handler("atomspace", atomspace, HandlerKind.COROUTINE)


class _Request:
    def __init__(self, memory: AtomMemory, payload: Mapping[str, Any], asked: str) -> None:
        self._memory = memory
        self._payload = payload
        self._asked = asked
        self._dialect = dialect_field(payload)
        self._limit = integer_field(
            payload, "limit", default=1000, low=1, high=_LIMIT_MAX, where="payload"
        )
        self._patience_s = number_field(payload, "deadline_s", default=10.0, low=0.01, high=300.0)

    async def answer(self) -> dict[str, Any]:
        written = await expressions_field(self._payload, self._asked)
        with refusals_of(self._asked):
            match self._asked:
                case "add":
                    records = records_of(written, self._memory.stamps.next())
                    return {"changed": await self._memory.merge(records)}
                case "set":
                    return await self._set(atoms_in(written))
                case "remove":
                    return await self._remove(list(atoms_in(written)))
                case "show":
                    return self._show(atoms_in(written))
                case "match":
                    return await self._match(self._only(written))
                case _:
                    return await self._query(self._only(written))

    def _only(self, written: list[Expression]) -> Atom:
        if len(written) > 1:
            raise InvalidPayload(
                f"payload.{self._asked}: one expression at a time, not {len(written)}"
            )
        return written[0].atom

    async def _set(self, atoms: Mapping[Atom, Mapping[str, Any]]) -> dict[str, Any]:
        stamp = self._memory.stamps.next()
        records = []
        for atom, values in atoms.items():
            before = known(self._memory.replica, atom, "set")
            stamped = {key: (stamp, value) for key, value in values.items()}
            records.append(Record(before.digest, before.atom, before.added, "", stamped))
        return {"changed": await self._memory.merge(records)}

    async def _remove(self, atoms: Iterable[Atom]) -> dict[str, Any]:
        replica = self._memory.replica
        with_incoming = flag_field(self._payload, "with_incoming")
        doomed: dict[Atom, None] = {}
        for atom in atoms:
            known(replica, atom, "remove")
            holding = [link for link in last_first(atom, replica.space.incoming) if link != atom]
            if holding and not with_incoming:
                named = [repr(link)[:200] for link in holding[:5]]
                raise AtomInUse(repr(atom)[:200], named, len(holding))
            doomed |= dict.fromkeys([*holding, atom])
        stamp = self._memory.stamps.next()
        await self._memory.merge([removed(atom, stamp) for atom in doomed])
        return {"changed": len(doomed)}

    async def _query(self, atom: Atom) -> dict[str, Any]:
        read_query(atom, self._memory.replica.space.types)  # so that it is refused as a whole
        return await self._answers(terms_of(atom), atom)

    async def _answers(self, terms: Iterable[Atom], atom: Atom) -> dict[str, Any]:
        view, clock = self._memory.replica.space.snapshot(), self._memory.clock
        deadline, limit, dialect = clock.now() + self._patience_s, self._limit, self._dialect

        def look() -> list[str]:
            found = matching(view, terms, _ALL_SHARDS, deadline=deadline, clock=clock.now)
            answers = ask(gathered(found), atom, deadline=deadline, clock=clock.now)
            return [write(answer, dialect=dialect) for answer in islice(answers, limit + 1)]

        texts = await asyncio.to_thread(look)
        return {"answers": texts[:limit], "is_all": len(texts) <= limit}

    async def _match(self, atom: Atom) -> dict[str, Any]:
        view, clock = self._memory.replica.space.snapshot(), self._memory.clock
        deadline, limit, dialect = clock.now() + self._patience_s, self._limit, self._dialect
        query = Query([Link("Present", (atom,))], view.types)
        template = Rewrite(atom, query.variables, view.types)
        terms = terms_of(Link("Query", (Link("Present", (atom,)), atom)))

        def look() -> list[dict[str, Any]]:
            records = matching(view, terms, _ALL_SHARDS, deadline=deadline, clock=clock.now)
            space = gathered(records)
            found = query.groundings(space, limit=limit + 1, deadline=deadline, clock=clock.now)
            return [_bound(template.atom(grounding), grounding, dialect) for grounding in found]

        found = await asyncio.to_thread(look)
        return {"atoms": found[:limit], "is_all": len(found) <= limit}

    def _show(self, atoms: Iterable[Atom]) -> dict[str, Any]:
        replica = self._memory.replica
        return {"atoms": [_shown(replica.find(atom), atom, self._dialect) for atom in atoms]}


def _bound(atom: Atom, grounding: Mapping[Node, Atom], dialect: str) -> dict[str, Any]:
    return {
        "atom": write(atom, dialect=dialect),
        "bindings": {
            variable.name: write(value, dialect=dialect) for variable, value in grounding.items()
        },
    }


def _shown(record: Record | None, atom: Atom, dialect: str) -> dict[str, Any]:
    values = {} if record is None else record.kept_values
    own = atom if record is None or record.atom is None else record.atom
    return {
        "atom": write(own, {own: values} if values else None, dialect=dialect),
        "is_there": record is not None,
    }
