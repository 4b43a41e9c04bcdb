"""Finding what a query needs of a replica, and answering it from what was gathered.

The query goes out as its terms. Each memory node gives the atoms that are at home there and look
like one of them; whoever asked puts all of them into a space of its own and asks it the whole
query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from cognitive_architecture.atomspace import Atom, AtomSpace, AtomSpaceView, PatternError
from cognitive_architecture.atomspace.patterns import read_query

from .identity import digest_of, shard_of
from .records import Record
from .replica import STAMPS, is_tombstone, read_record

GATHERED_MAX: Final = 100_000
"""Atoms that one node gives for one query."""

Clock = Callable[[], float]


def matching(
    view: AtomSpaceView,
    terms: Iterable[Atom],
    shards: AbstractSet[int],
    *,
    deadline: float,
    clock: Clock,
    limit: int = GATHERED_MAX,
) -> list[Record]:
    """The records of atoms that look like one of some terms and are at home in some shards.

    Args:
        view: A replica's space as it was at one instant; so any thread may look.
        terms: Queries of one term each, as ``patterns.terms_of`` gives them.
        shards: Where the atoms are at home.
        deadline: An instant of the clock.
        clock: In seconds.
        limit: At most so many.

    Raises:
        PatternError: A term cannot be asked, or more atoms look like it than the limit.
        DeadlinePassed: It takes too long.
    """
    found: dict[bytes, Record] = {}
    for term in terms:
        query = read_query(term, view.types)
        for atom in _known(view, query.answers(view, deadline=deadline, clock=clock)):
            digest = digest_of(atom)
            if digest in found or shard_of(digest) not in shards:
                continue
            record = read_record(view, digest, atom)
            if record is not None:
                found[digest] = record
                if len(found) > limit:
                    raise PatternError(
                        f"more than {limit:,} atoms of one memory node look like a term of this "
                        "query: name more of what you look for"
                    )
    return list(found.values())


def _known(view: AtomSpaceView, atoms: Iterable[Atom]) -> Iterator[Atom]:
    for atom in atoms:
        if not is_tombstone(atom) and view.value(atom, STAMPS) is not None:
            yield atom


def gathered(records: Iterable[Record]) -> AtomSpace:
    """A space of what was gathered, with the values that came along."""
    space = AtomSpace()
    for record in records:
        if record.atom is not None and record.is_there:
            own = space.add(record.atom)
            for key, value in record.kept_values.items():
                space.set_value(own, key, value)
    return space
