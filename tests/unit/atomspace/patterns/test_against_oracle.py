"""Random patterns over random spaces find just what trying everything finds, in any order."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from cognitive_architecture.atomspace import Atom, AtomSpace, Link, Node, PatternError
from cognitive_architecture.atomspace.patterns import Query, recognised
from tests.support.examples import quick

from .oracle import Oracle, filled_in, free

CONSTANTS = [Node("Concept", name) for name in "ab"] + [Node("Predicate", "p")]
VARIABLES = [Node("Variable", name) for name in ("$x", "$y")]
GLOB = Node("Glob", "$g")


def links(inside: st.SearchStrategy[Atom]) -> st.SearchStrategy[Atom]:
    pairs = st.tuples(inside, inside)
    few = st.lists(inside, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        pairs.map(lambda out: Link("Inheritance", out)),
        few.map(lambda out: Link("List", out)),
        few.map(lambda out: Link("Set", out)),
    )


FLAT = links(st.sampled_from(CONSTANTS))
NESTED = links(st.one_of(st.sampled_from(CONSTANTS), FLAT))
CONTENTS = st.lists(st.one_of(FLAT, FLAT, NESTED), min_size=4, max_size=8)

LEAVES: st.SearchStrategy[Atom] = st.sampled_from([*CONSTANTS, *VARIABLES * 3, GLOB])
FLAT_TERMS = links(LEAVES)
TERMS = st.one_of(FLAT_TERMS, links(st.one_of(LEAVES, FLAT_TERMS)))


@st.composite
def likenesses(draw: st.DrawFn, atoms: list[Atom]) -> Atom:
    """A term that is like some link, so that it finds something most of the time."""
    term = blurred(draw, draw(st.sampled_from(atoms)))
    assert isinstance(term, Link)
    return term


def blurred(draw: st.DrawFn, atom: Atom) -> Atom:
    if isinstance(atom, Node):
        return atom
    out: list[Atom] = []
    for inner in atom.out:
        what = draw(st.sampled_from("kvvvvr"))
        out.append(inner if what == "k" else blurred(draw, inner))
        if what == "v":
            out[-1] = draw(st.sampled_from(VARIABLES))
    if atom.type != "Inheritance" and draw(st.integers(0, 3)) == 0:
        first, last = sorted((draw(st.integers(0, len(out) - 1)), draw(st.integers(1, len(out)))))
        out[first : max(last, first + 1)] = [GLOB]
    return Link(atom.type, tuple(out))


@st.composite
def questions(draw: st.DrawFn) -> tuple[list[Atom], list[Atom]]:
    """What is in a space, and clauses that often hold in it."""
    atoms = draw(CONTENTS)
    like = likenesses(atoms)
    terms = st.one_of(like, like, like, TERMS)

    def clause(shape: str) -> Atom:
        match shape:
            case "absent":
                return Link("Absent", (draw(terms),))
            case "not both":
                return Link("Absent", (Link("And", (draw(terms), draw(terms))),))
            case "choice":
                return Link("Choice", (draw(terms), draw(terms)))
            case "choice of more":
                absent = Link("Absent", (draw(terms),))
                return Link("Choice", (Link("And", (draw(terms), absent)), draw(terms)))
            case "always":
                return Link("Always", (draw(terms),))
            case _:
                return draw(terms)

    more = st.sampled_from(["absent", "not both", "choice", "choice of more", "always", "term"])
    shapes = ["term", *draw(st.lists(more, max_size=2))]
    if draw(st.integers(0, 5)) == 0:
        shapes = shapes[1:] or shapes
    return atoms, [clause(shape) for shape in shapes]


RESTRICTIONS = st.sampled_from([None, None, None, ("Concept",), ("Concept", "List", "Set")])


def space_of(atoms: list[Atom]) -> AtomSpace:
    space = AtomSpace()
    for atom in atoms:
        space.add(atom)
    return space


def found_by(query: Query, space: AtomSpace) -> set[frozenset[tuple[Node, Atom]]]:
    found = [frozenset(grounding.items()) for grounding in query.groundings(space)]
    assert len(found) == len(set(found)), "a grounding came twice"
    return set(found)


@given(questions(), st.permutations(range(3)), RESTRICTIONS)
@quick(300)
def test_it_finds_what_trying_everything_finds(
    question: tuple[list[Atom], list[Atom]],
    order: list[int],
    restriction: tuple[str, ...] | None,
) -> None:
    atoms, clauses = question
    space = space_of(atoms)
    names = sorted(frozenset().union(*(free(clause) for clause in clauses)), key=repr)
    allowed = {names[0]: frozenset(restriction)} if restriction and names else {}
    variables = None
    if allowed:
        choice = Link("TypeChoice", tuple(Node("Type", name) for name in sorted(restriction or ())))
        typed = Link("TypedVariable", (names[0], choice))
        variables = Link("VariableList", (typed, *names[1:]))
    shuffled = [clauses[at] for at in order if at < len(clauses)]
    try:
        query = Query(clauses, space.types, variables=variables)
        other = Query(shuffled, space.types, variables=variables)
    except PatternError:
        assume(False)
        raise
    expected = Oracle(space, allowed).find(clauses)

    assert found_by(query, space) == expected
    assert found_by(other, space) == expected
    view = space.snapshot()
    for atom in list(space):
        space.remove(atom, with_incoming=True)
    assert {frozenset(g.items()) for g in query.groundings(view)} == expected


@given(questions(), st.sampled_from(CONSTANTS))
@quick(100)
def test_what_is_given_is_as_if_it_was_found(
    question: tuple[list[Atom], list[Atom]], value: Atom
) -> None:
    atoms, clauses = question
    space = space_of(atoms)
    clauses = [clause for clause in clauses if clause.type != "Always"]
    assume(clauses)
    try:
        query = Query(clauses, space.types)
    except PatternError:
        assume(False)
        raise
    variable = VARIABLES[0]
    assume(variable in query.variables)

    found = [frozenset(one.items()) for one in query.groundings(space, given={variable: value})]

    everything = list(query.groundings(space))
    assert len(found) == len(set(found))
    assert set(found) == {frozenset(g.items()) for g in everything if g[variable] == value}


@given(st.data(), NESTED, st.lists(TERMS, max_size=3))
@quick(100)
def test_a_pattern_is_recognised_if_and_only_if_it_finds_the_atom(
    data: st.DataObject, atom: Atom, patterns: list[Atom]
) -> None:
    patterns += data.draw(st.lists(likenesses([atom]), max_size=4))
    space, alone = space_of(patterns), AtomSpace()
    kept = alone.add(atom)
    expected: set[Atom] = set()
    for pattern in space:
        if isinstance(pattern, Link) and free(pattern) and pattern.type == atom.type:
            try:
                query = Query([Link("Present", (pattern,))], space.types)
            except PatternError:
                continue
            if any(filled_in(pattern, known) == kept for known in query.groundings(alone)):
                expected.add(pattern)

    found = list(recognised(space, atom))

    assert {one.pattern for one in found} == expected
    assert len(found) == len(expected)
    for one in found:
        assert filled_in(one.pattern, one.grounding) == kept
