"""What a search does for one goal, once it is known which registers are filled.

A *check* needs no choice: it holds or not, and may fill registers on the way. An *opening* leads
on in any number of ways. Which of the two a goal takes, and which slots are compared, filled or
found equal, follows from the registers filled before it; so a step is made once and used for every
partial answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any, Protocol

from cognitive_architecture.atomspace.atoms import Atom, Link, Node, canonical
from cognitive_architecture.atomspace.patterns.arranging import Arrangement
from cognitive_architecture.atomspace.patterns.goals import (
    AtomGoal,
    Binding,
    LinkGoal,
    Registers,
    Space,
    Types,
)
from cognitive_architecture.atomspace.patterns.watching import Watched

Check = Callable[[Space, Binding, Watched], bool]
"""Whether a goal holds; it may fill registers of the binding."""


class Opening(Protocol):
    """A step that leads on in any number of ways."""

    @property
    def goal(self) -> LinkGoal | AtomGoal:
        """What it opens."""
        ...

    def cost(self, space: Space, binding: Binding) -> int:
        """How many atoms it would look at."""
        ...

    def ways(self, space: Space, binding: Binding, watched: Watched) -> Iterator[Binding]:
        """Every way on, each in a binding of its own."""
        ...


class _Slots:
    """The slots of an ordered link, by what is to be done with each."""

    def __init__(self, goal: LinkGoal, filled: int, registers: Registers) -> None:
        self.known: list[tuple[int, int]] = []
        """Position and register of what is compared."""
        self.fresh: list[tuple[int, int, Types | None]] = []
        """Position and register of what is filled, and the types it may hold."""
        self.twins: list[tuple[int, int]] = []
        """Two positions that must hold the same."""
        first: dict[int, int] = {}
        for position, slot in enumerate(goal.slots):
            if filled >> slot & 1:
                self.known.append((position, slot))
            elif slot in first:
                self.twins.append((first[slot], position))
            else:
                first[slot] = position
                self.fresh.append((position, slot, registers.allowed[slot]))


def taken_apart(goal: LinkGoal, filled: int, registers: Registers) -> Check:
    """Check a link that is known already, and fill the registers of what it holds."""
    slots = _Slots(goal, filled, registers)
    result, type_name, arity = goal.result, goal.type, len(goal.slots)

    def check(_space: Space, binding: Binding, _watched: Watched) -> bool:
        link = binding[result]
        if not isinstance(link, Link) or link.type != type_name or len(link.out) != arity:
            return False
        out = link.out
        if any(out[position] != binding[slot] for position, slot in slots.known):
            return False
        if any(out[one] != out[other] for one, other in slots.twins):
            return False
        for position, slot, allowed in slots.fresh:
            if allowed is not None and out[position].type not in allowed:
                return False
            binding[slot] = out[position]
        return True

    return check


def looked_up(goal: LinkGoal) -> Check:
    """Look for the one link that holds what is known already."""
    result, type_name, is_unordered = goal.result, goal.type, goal.is_unordered
    several = itemgetter(*goal.slots) if len(goal.slots) > 1 else None
    only = goal.slots[0]

    def check(space: Space, binding: Binding, _watched: Watched) -> bool:
        out: tuple[Any, ...] = (binding[only],) if several is None else several(binding)
        found = binding[result] = space.find_link(
            type_name, canonical(out) if is_unordered else out
        )
        return found is not None

    return check


def is_there(goal: AtomGoal) -> Check:
    """Look whether an atom that is known already is in the space."""
    result = goal.result

    def check(space: Space, binding: Binding, _watched: Watched) -> bool:
        atom = binding[result]
        return atom is not None and space.find(atom) is not None

    return check


class AtomScan:
    """Every atom of the types that a register may hold."""

    def __init__(self, goal: AtomGoal, registers: Registers) -> None:
        self.goal = goal
        self._allowed = registers.allowed[goal.result]

    def cost(self, space: Space, binding: Binding) -> int:  # noqa: ARG002 - as every opening
        """How many atoms there are."""
        if self._allowed is None:
            return len(space)
        return sum(space.count(name) for name in self._allowed)

    def ways(self, space: Space, binding: Binding, watched: Watched) -> Iterator[Binding]:
        """Each atom in turn, those of one type after those of another."""
        for atom in watched(self._atoms(space)):
            found = binding.copy()
            found[self.goal.result] = atom
            yield found

    def _atoms(self, space: Space) -> Iterable[Atom]:
        if self._allowed is None:
            return space
        return (atom for name in sorted(self._allowed) for atom in space.atoms(name))


class LinkScan:
    """The ordered links that hold what is known, by the place where that is rarest."""

    def __init__(self, goal: LinkGoal, filled: int, registers: Registers) -> None:
        self.goal = goal
        slots = _Slots(goal, filled, registers)
        self.known, self._fresh, self._twins = slots.known, slots.fresh, slots.twins
        self._arity = len(goal.slots)
        has_types = any(allowed is not None for _, _, allowed in self._fresh)
        self._only = self.known[0] if len(self.known) == 1 else None
        self._fits_at_once = len(self.known) < 2 and not self._twins and not has_types

    def cost(self, space: Space, binding: Binding) -> int:
        """How many links hold what is known, at the place where fewest do."""
        known, type_name, arity = self.known, self.goal.type, self._arity
        if not known:
            return space.count(type_name)
        return min([space.count_at(type_name, at, arity, binding[slot]) for at, slot in known])  # type: ignore[arg-type]

    def rarest(self, space: Space, binding: Binding) -> tuple[int, int]:
        """Position and register of what fewest links hold."""
        type_name, arity = self.goal.type, self._arity
        return min(
            self.known,
            key=lambda place: space.count_at(type_name, place[0], arity, binding[place[1]]),  # type: ignore[arg-type]
        )

    def candidates(self, space: Space, binding: Binding) -> Iterable[Link]:
        """The links at the rarest place, or all where nothing is known."""
        if self.known:
            at, slot = self._only or self.rarest(space, binding)
            return space.links_at(self.goal.type, at, self._arity, binding[slot])  # type: ignore[arg-type]
        atoms = space.atoms(self.goal.type)
        return (atom for atom in atoms if isinstance(atom, Link) and len(atom.out) == self._arity)

    def groundings(
        self,
        space: Space,
        binding: Binding,
        watched: Watched,
        known: dict[Node, Atom],
        places: Sequence[tuple[int, Node]],
    ) -> Iterator[dict[Node, Atom]]:
        """As :meth:`ways`, where nothing comes after it: what variables stand for, at once.

        Args:
            space: Where.
            binding: What the registers hold.
            watched: See there.
            known: What every grounding holds already.
            places: Where in the link the others stand.
        """
        links = watched(self.candidates(space, binding))
        if not self._fits_at_once:
            result = self.goal.result
            ways = self._fitting(links, self.known, binding)
            links = (way[result] for way in ways)  # type: ignore[misc]  # a link was found
        for link in links:
            grounding = known.copy()
            for position, variable in places:
                grounding[variable] = link.out[position]
            yield grounding

    def ways(self, space: Space, binding: Binding, watched: Watched) -> Iterator[Binding]:
        """Each link that fits, and what the registers hold then."""
        # At once: what the index has here is what it had when this was asked for.
        links = watched(self.candidates(space, binding))
        compared = self.known if len(self.known) > 1 else ()
        return self._fitting(links, compared, binding)

    def _fitting(
        self, links: Iterator[Link], compared: Sequence[tuple[int, int]], binding: Binding
    ) -> Iterator[Binding]:
        fresh, twins, result = self._fresh, self._twins, self.goal.result
        for link in links:
            out = link.out
            for position, slot in compared:
                atom = binding[slot]
                if out[position] is not atom and out[position] != atom:
                    break
            else:
                if twins and any(out[one] != out[other] for one, other in twins):
                    continue
                found = binding.copy()
                found[result] = link
                for position, slot, allowed in fresh:
                    atom = out[position]
                    if allowed is not None and atom.type not in allowed:
                        break
                    found[slot] = atom
                else:
                    yield found


class LooseScan:
    """The links that fit an unordered pattern or one with a Glob, in all their ways."""

    def __init__(self, goal: LinkGoal, filled: int, registers: Registers) -> None:
        self.goal = goal
        self._is_given = bool(filled >> goal.result & 1)
        self._arity = None if goal.has_glob else len(goal.slots)
        self._registers = registers
        self._known = [slot for slot in goal.slots if filled >> slot & 1]
        slots = self._in_order(filled) if goal.is_unordered else goal.slots
        self._arrangement = Arrangement(slots, goal.is_unordered, registers)

    def _in_order(self, filled: int) -> tuple[int, ...]:
        """What is known first, then what few atoms fit, Globs last: wrong ways end early."""
        allowed, spans = self._registers.allowed, self._registers.spans
        return tuple(
            sorted(
                self.goal.slots,
                key=lambda slot: (not filled >> slot & 1, slot in spans, allowed[slot] is None),
            )
        )

    def cost(self, space: Space, binding: Binding) -> int:
        """How many links hold the rarest of what is known; none if the link is given."""
        if self._is_given:
            return 0
        anchors = self._anchors(binding)
        if not anchors:
            return space.count(self.goal.type)
        return min(self._count(space, atom) for atom in anchors)

    def ways(self, space: Space, binding: Binding, watched: Watched) -> Iterator[Binding]:
        """Each way of each link."""
        for link in watched(self._candidates(space, binding)):
            if self._arity is None or len(link.out) == self._arity:
                found = binding.copy()
                found[self.goal.result] = link
                yield from self._arrangement.ways(link.out, found, watched)

    def _anchors(self, binding: Binding) -> list[Atom]:
        """What the link holds, as far as that is known: of a known Glob its first atom."""
        anchors: list[Atom] = []
        for slot in self._known:
            value = binding[slot]
            if slot in self._registers.spans and isinstance(value, Link):
                anchors += value.out[:1]
            elif value is not None:
                anchors.append(value)
        return anchors

    def _count(self, space: Space, atom: Atom) -> int:
        type_name, arity = self.goal.type, self._arity
        if arity is None:
            return sum(1 for _ in space.incoming(atom, type_name))
        places = range(arity) if self.goal.is_unordered else ()
        return sum(space.count_at(type_name, place, arity, atom) for place in places)

    def _candidates(self, space: Space, binding: Binding) -> Iterable[Link]:
        type_name, arity = self.goal.type, self._arity
        if self._is_given:
            link = binding[self.goal.result]
            return (link,) if isinstance(link, Link) and link.type == type_name else ()
        anchors = self._anchors(binding)
        if not anchors:
            return (atom for atom in space.atoms(type_name) if isinstance(atom, Link))
        rarest = min(anchors, key=lambda atom: self._count(space, atom))
        if arity is None:
            return space.incoming(rarest, type_name)
        links = [
            link
            for place in range(arity)
            for link in space.links_at(type_name, place, arity, rarest)
        ]
        return dict.fromkeys(links)  # one that holds it twice is there twice
