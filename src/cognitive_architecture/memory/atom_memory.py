"""The memory of one node: atoms that are kept, with the attention that is paid to them.

Writes are merged at once and durable when the call returns. Whatever takes long to read is read
from a snapshot on another thread, so that the node goes on hearing and answering.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Final

import structlog

from cognitive_architecture.atomspace import Atom, AtomSpace
from cognitive_architecture.atomspace_store import AtomStore, KeptSpace
from cognitive_architecture.attention import Parameters
from cognitive_architecture.foundation.errors import MeshError
from cognitive_architecture.foundation.sentences import sentence_of
from cognitive_architecture.foundation.world import World

from .attention import AtomAttention
from .errors import NotOpen
from .holding import Holding
from .records import Record, removed
from .replica import Replica, memory_types
from .roster import Roster
from .stamps import StampSource

_log = structlog.get_logger(__name__)

_FOLD_CHANGES_MIN: Final = 100_000
"""The log is folded when it is longer than this and longer than what it changes."""

_MERGED_IN_A_TURN: Final = 200
"""Records that are merged before the event loop may do something else."""


class AtomMemory:
    """What one memory node has in mind.

    Args:
        world: For stamps, ids and chance.
        store: Where atoms are kept; opened with the memory, and owned by it alone.
        name: Of the node.
        parameters: Of the laws of attention.
    """

    def __init__(
        self, world: World, store: AtomStore, *, name: str, parameters: Parameters | None = None
    ) -> None:
        self.name = name
        self.clock = world.clock
        self.stamps = StampSource(world.clock, name)
        self._world = world
        self._store = store
        self._parameters = parameters or Parameters()
        self._kept: KeptSpace | None = None
        self.holding = Holding(name)
        self._replica: Replica | None = None
        self._roster: Roster | None = None
        self._attention: AtomAttention | None = None
        self._folding: asyncio.Task[None] | None = None

    # -- coming and going ----------------------------------------------------------------------

    async def open(self) -> None:
        """Take the store over and read what is kept. Idempotent.

        Raises:
            StoreError: It cannot be taken over or read.
        """
        if self._kept is not None:
            return
        if self._store.reads_block:
            kept, replica = await asyncio.to_thread(self._load)
        else:
            kept, replica = self._load()
        self._kept, self._replica = kept, replica
        self.holding = Holding(self.name)
        self._roster = Roster(replica.space)
        self._roster.welcome(self.name, self.stamps.next())
        self._attention = AtomAttention(self._world, replica, self._parameters)

    def _load(self) -> tuple[KeptSpace, Replica]:
        self._store.open()
        kept = KeptSpace(AtomSpace(memory_types()), self._store)
        return kept, Replica(kept.space)

    async def close(self) -> None:
        """Write what is left, and let go of the store. Idempotent."""
        kept, self._kept = self._kept, None
        if kept is None:
            return
        if self._folding is not None:
            await asyncio.wait([self._folding])  # a fold is a few commits; it is not cut short
        try:
            await kept.commit()
        except MeshError as error:
            # Nobody was told that it is durable.
            _log.warning("atoms_not_kept", node=self.name, why=sentence_of(error))
        kept.stop()
        if self._store.reads_block:
            await asyncio.to_thread(self._store.close)
        else:
            self._store.close()

    @property
    def replica(self) -> Replica:
        """The atoms.

        Raises:
            NotOpen: The memory is not open.
        """
        if self._replica is None or self._kept is None:
            raise NotOpen(f"the memory of {self.name} is not open yet, or no longer")
        return self._replica

    @property
    def roster(self) -> Roster:
        """The memory nodes that there have ever been.

        Raises:
            NotOpen: The memory is not open.
        """
        if self._roster is None or self._kept is None:
            raise NotOpen(f"the memory of {self.name} is not open yet, or no longer")
        return self._roster

    @property
    def attention(self) -> AtomAttention:
        """The economy.

        Raises:
            NotOpen: The memory is not open.
        """
        if self._attention is None or self._kept is None:
            raise NotOpen(f"the memory of {self.name} is not open yet, or no longer")
        return self._attention

    # -- writing -------------------------------------------------------------------------------

    async def merge(self, records: Sequence[Record]) -> int:
        """Let records count, and return when what they changed is durable.

        Returns:
            How many changed anything.

        Raises:
            StampAhead: One is dated too far in the future. Nothing was merged.
            BadBundle: One does not fit. Those before it were merged.
            StoreError: The store failed; what was merged is written by a later call.
        """
        stamps = [stamp for record in records for stamp in _stamps_of(record)]
        if stamps:
            newest = max(stamps)
            self.stamps.refuse_ahead(newest)
            self.stamps.see(newest)
        changed = 0
        for start in range(0, len(records), _MERGED_IN_A_TURN):
            replica = self.replica
            for record in records[start : start + _MERGED_IN_A_TURN]:
                changed += replica.merge(record)
            if start + _MERGED_IN_A_TURN < len(records):
                await asyncio.sleep(0)
        gone = [record.digest for record in records if not record.is_there]
        if gone:
            self.attention.close(gone)
        await self.commit()
        return changed

    async def commit(self) -> None:
        """Return when everything that was merged before is durable.

        Raises:
            StoreError: As ``KeptSpace.commit``.
        """
        if self._kept is not None:
            await self._kept.commit()
            self._fold_if_long()

    async def drop(self, shard: int, digests: Iterable[bytes]) -> None:
        """Forget records that others keep.

        Raises:
            StoreError: The store failed; it is written by a later call.
        """
        chosen = list(digests)
        self.attention.close(chosen)
        self.replica.drop(shard, chosen)
        await self.commit()

    async def forget(self, atoms: Sequence[Atom], *, size: int, spread: int) -> list[Atom]:
        """Remove the least important of some atoms, if there are too many.

        Args:
            atoms: All that may go, and are at home here.
            size: How many there should be.
            spread: How far above and below.

        Returns:
            Those that went; they leave tombstones, so that they go at the other owner too.

        Raises:
            StoreError: The store failed; it is written by a later call.
        """
        gone = self.attention.forget(atoms, size=size, spread=spread)
        await self.merge([removed(atom, self.stamps.next()) for atom in gone])
        return gone

    # -- looking -------------------------------------------------------------------------------

    def figures(self) -> dict[str, Any]:
        """How much there is: atoms at home, guests, tombstones, changes in the log."""
        replica = self.replica
        return {
            "atoms": len(replica),
            "guests": len(replica.space) - len(replica) - replica.tombstones - len(self.roster),
            "tombstones": replica.tombstones,
            "log_changes": self._store.log_length(),
            "undurable": 0 if self._kept is None else self._kept.backlog,
        }

    def _fold_if_long(self) -> None:
        length = self._store.log_length()
        if length < max(_FOLD_CHANGES_MIN, len(self.replica.space)) or self._folding is not None:
            return
        self._folding = asyncio.create_task(self._fold())

    async def _fold(self) -> None:
        try:
            await asyncio.to_thread(self._store.compact)
        except MeshError as error:
            _log.warning("log_not_folded", node=self.name, why=sentence_of(error))
        finally:
            self._folding = None


def _stamps_of(record: Record) -> list[str]:
    said = [record.added, record.removed, *(stamp for stamp, _ in record.values.values())]
    return [stamp for stamp in said if stamp]
