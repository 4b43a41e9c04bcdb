"""All that follows from the links of a space, within limits.

In rounds: each rule is tried on every combination of premises of which at least one is new. What
comes out of a round is compared with what is known of the same link. Opinions from different
evidence are revised into one; of opinions that share evidence the surer one stays, so that nothing
is counted twice. The same links give the same result, in whatever order they were added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cmp_to_key, partial
from typing import Final

from cognitive_architecture.atomspace.atoms import Atom, Link, compared
from cognitive_architecture.atomspace.inference.errors import InconsistentTruth
from cognitive_architecture.atomspace.inference.rules import (
    DIRECTED,
    SYMMETRIC,
    Rule,
    Statement,
    abduced,
    deduced,
    given,
    induced,
    inverted,
    is_independent,
    made_directed,
    made_similar,
    revised,
)
from cognitive_architecture.atomspace.notation.dialects import TRUTH
from cognitive_architecture.atomspace.snapshot import AtomSpaceView
from cognitive_architecture.atomspace.space import AtomSpace
from cognitive_architecture.atomspace.values import TruthValue
from cognitive_architecture.foundation.errors import require_number
from cognitive_architecture.foundation.sentences import shown

INFERRED: Final = "inferred"
"""The key under which conclusions are kept."""
_ALL: Final = frozenset(Rule)
_OF_PAIRS: Final = {
    Rule.DEDUCTION: deduced,
    Rule.INDUCTION: induced,
    Rule.ABDUCTION: abduced,
}
_Files = dict[tuple[str, Atom], dict[Link, None]]
"""Links by type and the atom at one end, in the order in which they were found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How far inference may go.

    Raises:
        ConfigurationError: A limit is no integer from its lowest value.
    """

    depth_max: int = 5
    """Rounds. A deduction over n links takes about the logarithm of n."""
    conclusions_max: int = 10_000
    """Links concluded."""
    steps_max: int = 1_000_000
    """Combinations of premises tried."""
    refusals_max: int = 100
    """Refusals kept; further ones are counted."""

    def __post_init__(self) -> None:
        for name in ("depth_max", "conclusions_max", "steps_max"):
            require_number(f"limits.{name}", getattr(self, name), low=1, whole=True)
        require_number("limits.refusals_max", self.refusals_max, low=0, whole=True)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule that could not be applied."""

    rule: Rule
    premises: tuple[Link, ...]
    sentence: str
    """Why not, and what to do."""


@dataclass(frozen=True, slots=True)
class Inference:
    """What was found."""

    conclusions: tuple[Statement, ...]
    """One for each link that was concluded or revised, in the order in which they were found."""
    refusals: tuple[Refusal, ...]
    refused: int
    """How many there were; some may not be kept."""
    stopped: str | None
    """The limit that ended it, as a sentence; ``None``: this is all that follows."""

    def of(self, link: Link) -> Statement | None:
        """What was concluded of a link."""
        return next((found for found in self.conclusions if found.link == link), None)


def infer(
    space: AtomSpace | AtomSpaceView,
    *,
    rules: AbstractSet[Rule] = _ALL,
    limits: Limits | None = None,
    term_truth: TruthValue | None = None,
) -> Inference:
    """Conclude what follows from the Inheritance, Implication, Similarity and Equivalence links.

    Only links with a value under ``truth`` count, and of them those with a confidence above 0. The
    space is read and not changed; :func:`keep` writes what was found.

    Args:
        space: Which.
        rules: Those that may be used.
        limits: How far to go.
        term_truth: What to take for terms without a truth value. Without it, rules that need one
            are refused.
    """
    chain = _Forward(space, frozenset(rules), limits or Limits(), term_truth)
    stopped: str | None = None
    try:
        chain.run()
    except _LimitReached as reached:
        stopped = str(reached)
    conclusions = tuple(known for known in chain.known.values() if known.rule is not None)
    return Inference(conclusions, tuple(chain.refusals), chain.refused, stopped)


def keep(space: AtomSpace, conclusions: Iterable[Statement]) -> int:
    """Write conclusions into a space, each truth value under the key ``inferred``.

    What was given stays under ``truth``. If a conclusion stood there too, the next inference would
    take it for evidence of its own, and become surer each time it is asked.

    Returns:
        How many.
    """
    count = 0
    for conclusion in conclusions:
        space.set_value(space.add(conclusion.link), INFERRED, conclusion.truth)
        count += 1
    return count


class _LimitReached(Exception):
    """It wants to go further than it may; the sentence names the limit."""


class _UnknownTerm(Exception):
    """A term has no truth value; the sentence says which and what to do."""


class _Forward:
    """One run: what is known so far, filed by where its links begin and end."""

    def __init__(
        self,
        space: AtomSpace | AtomSpaceView,
        rules: frozenset[Rule],
        limits: Limits,
        term_truth: TruthValue | None,
    ) -> None:
        self.known: dict[Link, Statement] = {}
        self.refusals: list[Refusal] = []
        self.refused = 0
        self._space = space
        self._rules = rules
        self._limits = limits
        self._term_truth = term_truth
        self._steps = 0
        self._concluded = 0
        self._from: _Files = {}
        self._to: _Files = {}

    def run(self) -> None:
        """Round after round, until nothing is new."""
        new = list(self._given())
        for statement in new:
            self._file(statement)
        for _ in range(self._limits.depth_max):
            opinions: dict[Link, Statement] = {}
            try:
                for found in self._round(new):
                    self._merge(found, opinions)
            finally:  # what was found before a limit counts too
                new = list(opinions.values())
                for statement in new:
                    self._file(statement)
            if not new:
                return
        if next(self._round(new), None) is not None:
            raise _LimitReached(
                f"limits.depth_max: after {self._limits.depth_max} rounds more may follow; "
                "raise the limit to go on"
            )

    def _given(self) -> Iterator[Statement]:
        links = [
            link
            for name in (*SYMMETRIC, *DIRECTED)
            for link in self._space.atoms(name)
            if isinstance(link, Link) and link.arity == 2 and link.out[0] != link.out[1]
        ]
        for link in sorted(links, key=cmp_to_key(compared)):
            truth = self._space.value(link, TRUTH)
            if isinstance(truth, TruthValue) and truth.confidence > 0.0:
                yield given(link, truth)

    def _round(self, new: Sequence[Statement]) -> Iterator[Statement]:
        """What the rules make of the new statements, alone and with all that are known."""
        fresh = {statement.link for statement in new}
        for statement in new:
            if statement.is_directed:
                yield from self._alone(statement)
                yield from self._paired(statement, fresh)
            else:
                for a, b in (statement.link.out, statement.link.out[::-1]):
                    directed = partial(made_directed, statement, a, b, self._term)
                    yield from self._tried(Rule.INHERITANCE_OF, (statement,), directed)

    def _alone(self, ab: Statement) -> Iterator[Statement]:
        yield from self._tried(Rule.INVERSION, (ab,), partial(inverted, ab, self._term))
        back = self.known.get(Link(ab.link.type, ab.link.out[::-1]))
        if back is not None:
            yield from self._tried(Rule.SIMILARITY_OF, (ab, back), partial(made_similar, ab, back))

    def _paired(self, one: Statement, fresh: AbstractSet[Link]) -> Iterator[Statement]:
        """Two premises each; a pair of two new ones is met from both, and taken from the first."""
        kind, (source, target) = one.link.type, one.link.out
        for other in self._filed(self._from, kind, target):
            yield from self._pair(Rule.DEDUCTION, one, other)
        for other in self._filed(self._to, kind, source):
            if other.link not in fresh:
                yield from self._pair(Rule.DEDUCTION, other, one)
        for rule, files, end in (
            (Rule.INDUCTION, self._from, source),
            (Rule.ABDUCTION, self._to, target),
        ):
            for other in self._filed(files, kind, end):
                yield from self._pair(rule, one, other)
                if other.link not in fresh:
                    yield from self._pair(rule, other, one)

    def _filed(self, files: _Files, kind: str, end: Atom) -> Iterator[Statement]:
        return (self.known[link] for link in files.get((kind, end), ()))

    def _pair(self, rule: Rule, one: Statement, other: Statement) -> Iterator[Statement]:
        return self._tried(rule, (one, other), partial(_OF_PAIRS[rule], one, other, self._term))

    def _tried(
        self, rule: Rule, premises: tuple[Statement, ...], conclude: Callable[[], Statement]
    ) -> Iterator[Statement]:
        """The conclusion, if the rule is allowed, can be applied, and says something."""
        if rule not in self._rules or not (len(premises) == 1 or is_independent(*premises)):
            return
        self._steps += 1
        if self._steps > self._limits.steps_max:
            raise _LimitReached(
                f"limits.steps_max: more than {self._limits.steps_max:,} combinations of premises "
                "were tried; raise the limit, or use fewer rules"
            )
        try:
            found = conclude()
        except (InconsistentTruth, _UnknownTerm) as refusal:
            self._refuse(rule, premises, str(refusal))
            return
        if found.link.out[0] != found.link.out[1] and found.truth.confidence > 0.0:
            yield found

    def _term(self, atom: Atom) -> TruthValue:
        truth = self._space.value(atom, TRUTH)
        if isinstance(truth, TruthValue):
            return truth
        if self._term_truth is not None:
            return self._term_truth
        raise _UnknownTerm(
            f"{shown(atom, 200)} has no truth value: give it one, or say term_truth for all such"
        )

    def _merge(self, found: Statement, opinions: dict[Link, Statement]) -> None:
        """Put what was found into the opinions of this round, if it adds to what is known."""
        link = found.link
        before = opinions.get(link) or self.known.get(link)
        if before is not None:
            if Rule.REVISION in self._rules and is_independent(before, found):
                try:
                    found = revised(before, found)
                except InconsistentTruth as refusal:
                    self._refuse(Rule.REVISION, (before, found), str(refusal))
                    return
            elif before.rule is None or found.truth.confidence <= before.truth.confidence:
                return
        if before is None or before.rule is None:
            if self._concluded == self._limits.conclusions_max:
                raise _LimitReached(
                    f"limits.conclusions_max: more than {self._limits.conclusions_max:,} links "
                    "follow; raise the limit, or use fewer rules"
                )
            self._concluded += 1
        opinions[link] = found

    def _file(self, statement: Statement) -> None:
        link = statement.link
        self.known[link] = statement
        if statement.is_directed:
            source, target = link.out
            self._from.setdefault((link.type, source), {})[link] = None
            self._to.setdefault((link.type, target), {})[link] = None

    def _refuse(self, rule: Rule, premises: tuple[Statement, ...], sentence: str) -> None:
        self.refused += 1
        if len(self.refusals) < self._limits.refusals_max:
            links = tuple(premise.link for premise in premises)
            self.refusals.append(Refusal(rule, links, sentence))
