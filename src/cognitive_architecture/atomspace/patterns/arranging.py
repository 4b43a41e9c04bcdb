"""The ways in which the atoms of one link fit into slots, where there may be several.

In an unordered link every atom may stand in every slot. A Glob takes one or more atoms: of an
ordered link a run of them, of an unordered one any of them. Equal ways come once, as far as one
slot is concerned: of ``Set(a, a)`` a slot takes ``a`` once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from cognitive_architecture.atomspace.atoms import Atom, Link
from cognitive_architecture.atomspace.patterns.goals import Binding, Registers, Span, Types
from cognitive_architecture.atomspace.patterns.watching import Watched

GROUP: Final = "List"
"""The type of the link that holds what a Glob stands for."""

_Partial = tuple[int, tuple[Atom, ...], Binding]
"""How many slots are filled, the atoms that are left, what the registers hold."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Slots, and what each may take."""

    slots: tuple[int, ...]
    is_unordered: bool
    registers: Registers

    def ways(self, out: tuple[Atom, ...], binding: Binding, watched: Watched) -> Iterator[Binding]:
        """Every way in which these atoms fill all the slots, none of them left.

        Args:
            out: Of an unordered link in canonical order.
            binding: What the registers hold; it is left as it is.
            watched: See there.
        """
        needs = self._needs()
        if len(out) < needs[0]:
            return
        choices = self._taken_of_set if self.is_unordered else self._taken_of_run
        first = self._begun(out, binding)
        stack: list[Iterator[_Partial]] = [iter(() if first is None else (first,))]
        while stack:
            partial = next(stack[-1], None)
            if partial is None:
                stack.pop()
            elif partial[0] < len(self.slots):
                if len(partial[1]) >= needs[partial[0]]:
                    stack.append(watched(choices(*partial, needs[partial[0] + 1])))
            elif not partial[1]:
                yield partial[2]

    def _begun(self, out: tuple[Atom, ...], binding: Binding) -> _Partial | None:
        """Before any choice: of an unordered link all is taken at once that is known first."""
        known: list[Atom] = []
        done = 0
        for slot in self.slots if self.is_unordered else ():
            value = binding[slot]
            if value is None:
                break
            is_glob = slot in self.registers.spans and isinstance(value, Link)
            known += value.out if is_glob and isinstance(value, Link) else (value,)
            done += 1
        rest = without(out, known) if known else out
        return None if rest is None else (done, rest, binding)

    def _needs(self) -> list[int]:
        """How many atoms the slots from each on take at least."""
        needs = [0]
        for slot in reversed(self.slots):
            span = self.registers.spans.get(slot)
            needs.append(needs[-1] + (1 if span is None else span.least))
        return needs[::-1]

    def _taken_of_run(
        self, done: int, rest: tuple[Atom, ...], binding: Binding, kept: int
    ) -> Iterator[_Partial]:
        slot = self.slots[done]
        value, span = binding[slot], self.registers.spans.get(slot)
        allowed = self.registers.allowed[slot]
        if span is not None and isinstance(value, Link):
            if rest[: len(value.out)] == value.out:
                yield done + 1, rest[len(value.out) :], binding
        elif span is not None:
            least, most = self._sizes(done, span, len(rest), kept)
            for count in range(most + 1):
                if count and not _fits(rest[count - 1], allowed):
                    return
                if count >= least:
                    group = Link(GROUP, rest[:count])
                    yield done + 1, rest[count:], _with(binding, slot, group)
        elif value is not None:
            if rest[0] == value:
                yield done + 1, rest[1:], binding
        elif _fits(rest[0], allowed):
            yield done + 1, rest[1:], _with(binding, slot, rest[0])

    def _taken_of_set(
        self, done: int, rest: tuple[Atom, ...], binding: Binding, kept: int
    ) -> Iterator[_Partial]:
        slot = self.slots[done]
        value, span = binding[slot], self.registers.spans.get(slot)
        allowed = self.registers.allowed[slot]
        if value is not None:
            known = value.out if span is not None and isinstance(value, Link) else (value,)
            left = without(rest, known)
            if left is not None:
                yield done + 1, left, binding
        elif span is not None:
            least, most = self._sizes(done, span, len(rest), kept)
            for taken in _parts([atom for atom in rest if _fits(atom, allowed)], least, most):
                left = without(rest, taken) or ()
                yield done + 1, left, _with(binding, slot, Link(GROUP, taken))
        else:
            before: Atom | None = None
            for place, atom in enumerate(rest):
                if atom != before and _fits(atom, allowed):
                    left = rest[:place] + rest[place + 1 :]
                    yield done + 1, left, _with(binding, slot, atom)
                before = atom

    def _sizes(self, done: int, span: Span, available: int, kept: int) -> tuple[int, int]:
        """How many atoms a Glob may take; the last one must take all that is left."""
        least = available if done + 1 == len(self.slots) else span.least
        most = available - kept
        return max(least, span.least), most if span.most is None else min(span.most, most)


def _with(binding: Binding, slot: int, atom: Atom) -> Binding:
    changed = binding.copy()
    changed[slot] = atom
    return changed


def _fits(atom: Atom, allowed: Types | None) -> bool:
    return allowed is None or atom.type in allowed


def without(atoms: Sequence[Atom], known: Sequence[Atom]) -> tuple[Atom, ...] | None:
    """Some atoms less others, each as often as it stands there; ``None`` if one is not there."""
    missing = Counter(known)
    left: list[Atom] = []
    for atom in atoms:
        if missing.get(atom):
            missing[atom] -= 1
        else:
            left.append(atom)
    return tuple(left) if len(left) + len(known) == len(atoms) else None


def _parts(atoms: Sequence[Atom], least: int, most: int) -> Iterator[tuple[Atom, ...]]:
    """Every different choice of so many of these atoms, in their order."""
    has_twins = len(set(atoms)) < len(atoms)
    for size in range(least, most + 1):
        met: set[tuple[Atom, ...]] = set()
        for part in combinations(atoms, size):
            if not has_twins:
                yield part
            elif part not in met:
                met.add(part)
                yield part
