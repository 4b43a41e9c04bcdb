"""The store of one process: gone with it, and otherwise like the durable one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Container, Sequence

from cognitive_architecture.atomspace import (
    Added,
    Atom,
    AtomSpace,
    Change,
    Link,
    Removed,
    Value,
    ValueSet,
)
from cognitive_architecture.foundation.errors import Deposed, MeshError, StoreError

from .refusals import not_loaded, refuse_if_not_empty, unknown_atom


class AtomDisk:
    """What outlives an owner: two stores on one disk are two owners, one after the other."""

    def __init__(self) -> None:
        self.epoch = 0
        self.kept: dict[Atom, dict[str, Value]] = {}
        """Every atom, behind those it goes to, with the values on it."""
        self.log_length = 0
        self.lock = threading.RLock()


class MemoryAtomStore:
    """Atoms in a dictionary."""

    reads_block = False

    def __init__(self, disk: AtomDisk | None = None) -> None:
        self._disk = disk or AtomDisk()
        self._epoch = 0
        self._is_open = False
        self._is_loaded = False

    def open(self) -> int:
        """Take the store over."""
        with self._disk.lock:
            self._disk.epoch += 1
            self._epoch = self._disk.epoch
            self._is_open = True
            self._is_loaded = not self._disk.kept
            return self._epoch

    def close(self) -> None:
        """Write nothing more; there is nothing to release."""
        self._is_open = False

    def load(self, space: AtomSpace) -> int:
        """Put what is kept into a space."""
        with self._disk.lock:
            self._refuse_if_closed()
            refuse_if_not_empty(space)
            own: dict[Atom, Atom] = {}
            for atom, values in self._disk.kept.items():
                if isinstance(atom, Link):
                    own[atom] = space.link(atom.type, *[own[target] for target in atom.out])
                else:
                    own[atom] = space.node(atom.type, atom.name)
                for key, value in values.items():
                    space.set_value(own[atom], key, value)
            self._is_loaded = True
            return len(self._disk.kept)

    def append_now(self, changes: Sequence[Change]) -> None:
        """Keep changes, all of them or none."""
        with self._disk.lock:
            self._refuse_if_not_the_owner()
            _refuse_unknown(self._disk.kept, changes)
            for change in changes:
                _apply(self._disk.kept, change)
            self._disk.log_length += len(changes)

    def append(self, changes: Sequence[Change]) -> asyncio.Future[None]:
        """``append_now``; the future is done."""
        future = asyncio.get_running_loop().create_future()
        try:
            self.append_now(changes)
            future.set_result(None)
        except MeshError as error:
            future.set_exception(error)
        return future

    def log_length(self) -> int:
        """How many changes came since the last ``compact``."""
        return self._disk.log_length

    def compact(self) -> int:
        """There is nothing to fold: what is kept is the snapshot."""
        with self._disk.lock:
            self._refuse_if_not_the_owner()
            folded, self._disk.log_length = self._disk.log_length, 0
            return folded

    def _refuse_if_closed(self) -> None:
        if not self._is_open:
            raise StoreError("the store is closed")

    def _refuse_if_not_the_owner(self) -> None:
        self._refuse_if_closed()
        if self._epoch != self._disk.epoch:
            raise Deposed(
                f"another owner has taken over (epoch {self._disk.epoch}, this one has "
                f"{self._epoch}): this one must stop"
            )
        if not self._is_loaded:
            raise not_loaded()


def _refuse_unknown(kept: Container[Atom], changes: Sequence[Change]) -> None:
    """Before any change is made: what is refused leaves nothing behind."""
    now: dict[Atom, bool] = {}
    for change in changes:
        atom = change.atom
        if isinstance(change, Added):
            needed = atom.out if isinstance(atom, Link) else ()
        else:
            needed = (atom,)
        for one in needed:
            if not now.get(one, one in kept):
                raise unknown_atom(one)
        if not isinstance(change, ValueSet):
            now[atom] = isinstance(change, Added)


def _apply(kept: dict[Atom, dict[str, Value]], change: Change) -> None:
    if isinstance(change, Added):
        kept.setdefault(change.atom, {})
    elif isinstance(change, Removed):
        del kept[change.atom]
    elif change.value is None:
        kept[change.atom].pop(change.key, None)
    else:
        kept[change.atom][change.key] = change.value
