"""Who has accounts: names and kinds, and the small integers that stand for them.

A handle is a place in every array of the economy. It is valid from the opening of its account to
the first checkpoint after its closing; only then may another account get it. So whoever still
holds the handle of a forgotten atom is told so, and does not touch a stranger's account.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Final, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cognitive_architecture.foundation.sentences import shown

from .errors import AccountTaken, InvalidAmount, UnknownAccount
from .units import Bools, Ints, whole


class AccountKind(StrEnum):
    """What an account belongs to."""

    BANK = "bank"
    REQUESTER = "requester"
    TASK = "task"
    CAPABILITY = "capability"
    NODE = "node"
    ATOM = "atom"
    """An atom of a context memory."""
    ESCROW = "escrow"
    """What is reserved for one task; its owner is the account that paid."""


_Number = TypeVar("_Number", np.bool_, np.int8, np.int64)

KINDS: Final = tuple(AccountKind)
"""Their order is the one in which journals number them: append only."""

BANK: Final = 0
"""The bank's handle: the first account of every ledger."""

NOBODY: Final = -1
"""The owner of an account that nobody owns."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Accounts of one kind that an entry opens."""

    kind: AccountKind
    names: tuple[str, ...]
    handles: Ints
    floor: int = 0
    """The least that their balances may be, in µSTI; 0 or negative."""
    owner: int = NOBODY


class Accounts:
    """The table of names: about 120 bytes for each account that is open."""

    def __init__(self) -> None:
        self.count = 0
        """Handles ever given; every valid handle is smaller."""
        self.capacity = 64
        self._is_open = np.zeros(self.capacity, dtype=np.bool_)
        self._kinds = np.zeros(self.capacity, dtype=np.int8)
        self._floors = np.zeros(self.capacity, dtype=np.int64)
        self._names: list[str] = []
        self._owners: dict[int, int] = {}
        self._handles: dict[AccountKind, dict[str, int]] = {kind: {} for kind in KINDS}
        self._resting: list[int] = []
        self._free: dict[int, None] = {}  # a set that keeps its order

    def __len__(self) -> int:
        return sum(len(names) for names in self._handles.values())

    def handle(self, kind: AccountKind, name: str) -> int:
        """The handle of an open account.

        Raises:
            UnknownAccount: None is open.
        """
        handle = self._handles[kind].get(name)
        if handle is None:
            raise UnknownAccount(
                f"no {kind} account {shown(name)} is open: open it first, or it was closed "
                "(an atom is forgotten, a task is over)"
            )
        return handle

    def get(self, kind: AccountKind, name: str) -> int | None:
        """The handle of an account if it is open."""
        return self._handles[kind].get(name)

    def name(self, handle: int) -> str:
        """What the open account is called.

        Raises:
            UnknownAccount: None is open under this handle.
        """
        self.require_open([handle])
        return self._names[handle]

    def kind(self, handle: int) -> AccountKind:
        """What the open account belongs to.

        Raises:
            UnknownAccount: None is open under this handle.
        """
        self.require_open([handle])
        return KINDS[int(self._kinds[handle])]

    def owner(self, handle: int) -> int:
        """Whose funds the account keeps; ``NOBODY`` if it keeps its own."""
        return self._owners.get(handle, NOBODY)

    def names(self, kind: AccountKind) -> list[str]:
        """Names of all open accounts of one kind, in the order of their opening."""
        return list(self._handles[kind])

    def open_handles(self, *kinds: AccountKind) -> Ints:
        """Handles of all open accounts of some kinds, ascending."""
        is_one = np.zeros(self.count, dtype=np.bool_)
        for kind in kinds:
            is_one |= self._kinds[: self.count] == KINDS.index(kind)
        return np.flatnonzero(self.is_open & is_one)

    @property
    def is_open(self) -> Bools:
        """For each handle ever given, whether its account is open; shape ``(count,)``."""
        return self._is_open[: self.count]

    @property
    def floors(self) -> Ints:
        """The least that each balance may be, in µSTI; shape ``(count,)``."""
        return self._floors[: self.count]

    def require_open(self, handles: ArrayLike) -> Ints:
        """The handles as an array.

        Raises:
            UnknownAccount: One of them stands for no open account.
            InvalidAmount: One is no whole number.
        """
        numbers = whole(handles, "handles")
        known = (numbers >= 0) & (numbers < self.count)
        known[known] = self._is_open[numbers[known]]
        if not known.all():
            stranger = int(numbers[~known][0])
            was = "it was closed" if 0 <= stranger < self.count else "it was never opened"
            raise UnknownAccount(
                f"no account is open under handle {stranger}: {was}; ask for handles by name"
            )
        return numbers

    def planned(
        self, kind: AccountKind, names: Sequence[str], *, floor: int = 0, owner: int = NOBODY
    ) -> Opening:
        """Choose handles for accounts that are to be opened; nothing changes yet."""
        reused = list(islice(self._free, len(names)))
        fresh = range(self.count, self.count + len(names) - len(reused))
        handles = np.array([*reused, *fresh], dtype=np.int64)
        return Opening(kind, tuple(names), handles, floor, owner)

    def refuse(self, opening: Opening) -> None:
        """Raise if the accounts cannot be opened.

        Raises:
            AccountTaken: A name is open already, or comes twice.
            InvalidAmount: The floor is above 0.
        """
        if opening.floor > 0:
            raise InvalidAmount(
                f"floor: the least an account may hold is 0 or negative, not {opening.floor}"
            )
        known = self._handles[opening.kind]
        taken = [name for name in opening.names if name in known]
        if taken or len(set(opening.names)) < len(opening.names):
            which = shown(taken[0]) if taken else "that comes twice"
            raise AccountTaken(
                f"an account {opening.kind} {which} is open already; one name has one account"
            )

    def open(self, opening: Opening) -> None:
        """Open accounts that ``refuse`` let pass."""
        self.extend(int(opening.handles.max(initial=-1)) + 1)
        self._is_open[opening.handles] = True
        self._floors[opening.handles] = opening.floor
        self._kinds[opening.handles] = KINDS.index(opening.kind)
        known = self._handles[opening.kind]
        for name, handle in zip(opening.names, opening.handles.tolist(), strict=True):
            self._free.pop(handle, None)
            known[name] = handle
            self._names[handle] = name
            if opening.owner != NOBODY:
                self._owners[handle] = opening.owner

    def undo(self, opening: Opening) -> None:
        """Take back an opening whose entry does not count after all."""
        self.close(opening.handles)
        del self._resting[len(self._resting) - len(opening.handles) :]
        self._free = dict.fromkeys(opening.handles.tolist()) | self._free

    def close(self, handles: Ints) -> None:
        """Close open accounts; their handles rest until the next checkpoint."""
        for handle in handles.tolist():
            del self._handles[KINDS[self._kinds[handle]]][self._names[handle]]
            self._names[handle] = ""
            self._owners.pop(handle, None)
        self._is_open[handles] = False
        self._resting.extend(handles.tolist())

    def release_handles(self) -> None:
        """Let the handles of closed accounts be given again."""
        self._free.update(dict.fromkeys(self._resting))
        self._resting.clear()

    def restore_free(self, handles: Iterable[int]) -> None:
        """Take over what a checkpoint says of the handles that may be given again."""
        self._free = dict.fromkeys(handles)

    @property
    def free(self) -> Sequence[int]:
        """Handles that may be given again, in the order in which they will be."""
        return list(self._free)

    def extend(self, count: int) -> None:
        """Know at least so many handles, open or not."""
        if count > self.capacity:
            self.capacity = max(count, 2 * self.capacity)
            self._is_open = _longer(self._is_open, self.capacity)
            self._kinds = _longer(self._kinds, self.capacity)
            self._floors = _longer(self._floors, self.capacity)
        self._names.extend([""] * (count - self.count))
        self.count = max(self.count, count)

    def openings(self) -> Iterator[Opening]:
        """Openings that would make these accounts anew."""
        for kind, known in self._handles.items():
            alike: dict[tuple[int, int], list[str]] = {}
            for name, handle in known.items():
                terms = (int(self._floors[handle]), self.owner(handle))
                alike.setdefault(terms, []).append(name)
            for (floor, owner), names in alike.items():
                handles = np.array([known[name] for name in names], dtype=np.int64)
                yield Opening(kind, tuple(names), handles, floor, owner)


def _longer(array: NDArray[_Number], length: int) -> NDArray[_Number]:
    return np.concatenate([array, np.zeros(length - len(array), dtype=array.dtype)])
