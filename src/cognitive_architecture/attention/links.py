"""Asymmetric Hebbian links between atoms, in columns instead of objects.

Each source has a row: a range of slots in one pool, with some room to grow. A row that is full
moves to the end of the pool with twice the room; the slots it leaves are blank, with no weight,
until there are so many of them that the pool is packed. A link takes about 26 bytes, 40 with its
weight in a ``DiffusionMatrix``.

Blank slots say that they lead from account 0 to account 0, which is the bank and has no links.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from .errors import InvalidAmount
from .units import Bools, Floats, Ints, real

_ROOM_MIN: Final = 4
_HAIR: Final = 1e-9
"""By how much a mean of two beliefs may miss them, as floats are rounded."""
_NO_SLOTS: Final = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """Some links, ordered by source and target; every column has shape ``(m,)``."""

    slots: Ints
    """Where they stand; valid until links are added or removed."""
    sources: Ints
    targets: Ints
    strengths: Floats
    confidences: Floats


@dataclass(eq=False)
class Changes:
    """What has happened to the links since a follower looked last."""

    everything: bool = True
    slots: list[Ints] = field(default_factory=list)

    def take(self) -> Ints | None:
        """Slots whose link may have changed, whole rows at a time; ``None``: look at everything."""
        everything, slots = self.everything, self.slots
        self.everything, self.slots = False, []
        return None if everything else np.unique(np.concatenate([_NO_SLOTS, *slots]))


class HebbianLinks:
    """From each source to at most ``links_max`` targets.

    Args:
        links_max: Most links from one source.
    """

    def __init__(self, links_max: int = 300) -> None:
        self.links_max = links_max
        self.sources = np.zeros(0, dtype=np.int32)
        """Of each slot; 0 where the slot is blank."""
        self.targets = np.zeros(0, dtype=np.int32)
        self.strengths = np.zeros(0, dtype=np.float64)
        """Of each slot; 0 where the slot is blank."""
        self.confidences = np.zeros(0, dtype=np.float64)
        self._starts = np.zeros(0, dtype=np.int64)
        self._counts = np.zeros(0, dtype=np.int64)
        self._rooms = np.zeros(0, dtype=np.int64)
        self._end = 0
        self._followers: weakref.WeakSet[Changes] = weakref.WeakSet()

    def __len__(self) -> int:
        return int(self._counts.sum())

    def add(
        self,
        sources: Ints,
        targets: Ints,
        strength: float,
        confidence: float,
        rng: np.random.Generator,
    ) -> int:
        """Make links that are not there yet.

        A source that would have more than ``links_max`` loses old ones, drawn by chance.

        Args:
            sources: Handles; shape ``(m,)``.
            targets: Handles; shape ``(m,)``. A link to itself is left out.
            strength: From 0 to 1.
            confidence: From 0 to 1.
            rng: Draws who has to go.

        Returns:
            How many links are new.

        Raises:
            InvalidAmount: A handle is no account that can have links, or strength or confidence is
                not from 0 to 1.
        """
        _require_accounts(sources, targets)
        (strength,) = _beliefs([strength], "strength").tolist()
        (confidence,) = _beliefs([confidence], "confidence").tolist()
        pairs = np.unique((sources << 32) | targets)
        pairs = pairs[(pairs >> 32) != (pairs & 0xFFFFFFFF)]
        if not len(pairs):
            return 0
        self._know(int(max(sources.max(), targets.max())) + 1)
        rows, starts = np.unique(pairs >> 32, return_index=True)
        wanted = np.split((pairs & 0xFFFFFFFF).astype(np.int32), starts[1:])
        made = 0
        for row, new in zip(rows.tolist(), wanted, strict=True):
            made += self._add_to(row, new, strength, confidence, rng)
        self._pack_if_wasteful()
        return made

    def load(self, sources: Ints, targets: Ints, strengths: Floats, confidences: Floats) -> None:
        """Replace all links by these, which must be different pairs.

        Raises:
            InvalidAmount: A pair comes twice, a source has more than ``links_max``, a handle is no
                account that can have links, or a strength or confidence is not from 0 to 1.
        """
        _require_accounts(sources, targets)
        strengths = _beliefs(strengths, "strengths")
        confidences = _beliefs(confidences, "confidences")
        if not len(sources) == len(strengths) == len(confidences):
            raise InvalidAmount("links: as many strengths and confidences as pairs are needed")
        order = np.lexsort((targets, sources))
        pairs = ((sources << 32) | targets)[order]
        known = int(max(sources.max(initial=0), targets.max(initial=0))) + 1
        counts = np.bincount(sources, minlength=known)
        if np.any(pairs[1:] == pairs[:-1]) or counts.max() > self.links_max:
            raise InvalidAmount(
                f"links: each pair at most once, and at most {self.links_max} from one source"
            )
        rooms = np.where(counts, np.maximum(counts, _ROOM_MIN), 0)
        starts = np.cumsum(rooms) - rooms
        slots = starts[sources[order]] + np.arange(len(pairs))
        slots -= (np.cumsum(counts) - counts)[sources[order]]
        self._replace(int(rooms.sum()), slots, sources[order], targets[order])
        self.strengths[slots] = strengths[order]
        self.confidences[slots] = confidences[order]
        self._starts, self._counts, self._rooms = starts, counts, rooms

    def of(self, sources: Ints) -> Links:
        """All links from some sources, which must be different."""
        known = sources[(sources >= 0) & (sources < len(self._starts))]
        slots = _ranges(self._starts[known], self._counts[known])
        froms, tos = self.sources[slots].astype(np.int64), self.targets[slots].astype(np.int64)
        order = np.argsort((froms << 32) | tos)  # one key sorts several times faster than two
        slots = slots[order]
        return Links(
            slots, froms[order], tos[order], self.strengths[slots], self.confidences[slots]
        )

    def all(self) -> Links:
        """Every link."""
        return self.of(np.arange(len(self._starts)))

    def believe(self, slots: Ints, strengths: Floats, confidences: Floats) -> None:
        """Give links new truth values.

        Raises:
            InvalidAmount: A strength or confidence is not from 0 to 1.
        """
        strengths = _beliefs(strengths, "strengths")
        confidences = _beliefs(confidences, "confidences")
        self.strengths[slots] = strengths
        self.confidences[slots] = confidences
        rows = np.unique(self.sources[slots])
        self._note(_ranges(self._starts[rows], self._rooms[rows]))

    def remove_atoms(self, atoms: Ints) -> int:
        """Remove every link from or to some atoms.

        Returns:
            How many.
        """
        goes = np.zeros(max(len(self._starts), int(atoms.max(initial=-1)) + 1), dtype=np.bool_)
        goes[atoms] = True
        goes_slot = self._is_used() & (goes[self.sources] | goes[self.targets])
        for row in np.unique(self.sources[goes_slot]).tolist():
            start, count = int(self._starts[row]), int(self._counts[row])
            stays = start + np.flatnonzero(~goes_slot[start : start + count])
            self._write(row, self.targets[stays], self.strengths[stays], self.confidences[stays])
        return int(goes_slot.sum())

    def follow(self) -> Changes:
        """Hear of every change from now on, for as long as the answer is kept."""
        changes = Changes()
        self._followers.add(changes)
        return changes

    def _add_to(
        self,
        row: int,
        new: np.ndarray[tuple[int], np.dtype[np.int32]],
        strength: float,
        confidence: float,
        rng: np.random.Generator,
    ) -> int:
        start, count = int(self._starts[row]), int(self._counts[row])
        stays = np.arange(start, start + count)
        new = new[~np.isin(new, self.targets[stays])][: self.links_max]
        if not len(new):
            return 0
        surplus = count + len(new) - self.links_max
        if surplus > 0:
            stays = np.sort(rng.choice(stays, count - surplus, replace=False))
        self._write(
            row,
            np.concatenate([self.targets[stays], new]),
            np.concatenate([self.strengths[stays], np.full(len(new), strength)]),
            np.concatenate([self.confidences[stays], np.full(len(new), confidence)]),
        )
        return len(new)

    def _write(
        self,
        row: int,
        targets: np.ndarray[tuple[int], np.dtype[np.int32]],
        strengths: Floats,
        confidences: Floats,
    ) -> None:
        """Let a row hold exactly these links, moving it if they do not fit."""
        self._blank(row)
        count = len(targets)
        if count > self._rooms[row]:
            room = max(_ROOM_MIN, 2 * int(self._rooms[row]), count)
            self._reserve(self._end + room)
            self._starts[row], self._rooms[row] = self._end, room
            self._end += room
        start = int(self._starts[row])
        here = slice(start, start + count)
        self.sources[here], self.targets[here] = row, targets
        self.strengths[here], self.confidences[here] = strengths, confidences
        self._counts[row] = count
        self._note(np.arange(start, start + int(self._rooms[row])))

    def _blank(self, row: int) -> None:
        start, room = int(self._starts[row]), int(self._rooms[row])
        here = slice(start, start + room)
        self.sources[here] = self.targets[here] = 0
        self.strengths[here] = self.confidences[here] = 0
        self._note(np.arange(start, start + room))

    def _note(self, slots: Ints) -> None:
        for follower in self._followers:
            if not follower.everything:
                follower.slots.append(slots)

    def _is_used(self) -> Bools:
        used = np.zeros(len(self.sources), dtype=np.bool_)
        used[_ranges(self._starts, self._counts)] = True
        return used

    def _know(self, rows: int) -> None:
        missing = rows - len(self._starts)
        if missing > 0:
            missing = max(missing, len(self._starts) // 2)
            more = np.zeros(missing, dtype=np.int64)
            self._starts = np.concatenate([self._starts, more])
            self._counts = np.concatenate([self._counts, more])
            self._rooms = np.concatenate([self._rooms, more])

    def _reserve(self, slots: int) -> None:
        missing = slots - len(self.sources)
        if missing > 0:
            missing = max(missing, len(self.sources) // 4, 1024)
            ends, beliefs = np.zeros(missing, dtype=np.int32), np.zeros(missing)
            self.sources = np.concatenate([self.sources, ends])
            self.targets = np.concatenate([self.targets, ends])
            self.strengths = np.concatenate([self.strengths, beliefs])
            self.confidences = np.concatenate([self.confidences, beliefs])

    def _pack_if_wasteful(self) -> None:
        if self._end > 2 * int(self._rooms.sum()) + 1024:
            links = self.all()
            self.load(links.sources, links.targets, links.strengths, links.confidences)

    def _replace(self, room: int, slots: Ints, sources: Ints, targets: Ints) -> None:
        self._end = room
        for follower in self._followers:
            follower.everything = True
        self.sources, self.targets = np.zeros(room, np.int32), np.zeros(room, np.int32)
        self.strengths, self.confidences = np.zeros(room), np.zeros(room)
        self.sources[slots], self.targets[slots] = sources, targets


def _beliefs(values: ArrayLike, name: str) -> Floats:
    beliefs = real(values, name)
    lowest, highest = beliefs.min(initial=0), beliefs.max(initial=1)
    if lowest < -_HAIR or highest > 1 + _HAIR:
        raise InvalidAmount(
            f"{name}: from 0 to 1 is allowed, not {lowest if lowest < -_HAIR else highest:g}"
        )
    return np.clip(beliefs, 0, 1)


def _require_accounts(sources: Ints, targets: Ints) -> None:
    if len(sources) != len(targets):
        raise InvalidAmount(
            f"links: as many sources as targets are needed, not {len(sources)} and {len(targets)}"
        )
    lowest = min(sources.min(initial=1), targets.min(initial=1))
    highest = max(sources.max(initial=1), targets.max(initial=1))
    if lowest < 1 or highest >= 2**31:
        raise InvalidAmount(
            f"links: handles from 1 to {2**31 - 1} can have them, not "
            f"{lowest if lowest < 1 else highest}; 0 is the bank"
        )


def _ranges(starts: Ints, counts: Ints) -> Ints:
    """All whole numbers of several ranges, one after the other."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.asarray(np.arange(total) + np.repeat(starts - (ends - counts), counts))
