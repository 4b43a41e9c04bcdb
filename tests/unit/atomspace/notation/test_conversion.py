import pytest

from cognitive_architecture.atomspace import Link, Node, TruthValue
from cognitive_architecture.atomspace.notation import (
    TRUTH,
    CannotSay,
    Expression,
    converted,
    read,
    write,
)

CLASSIC = (
    '(BindLink (VariableNode "$x") (GetLink (VariableNode "$x"))'
    ' (ListLink (ConceptNode "a" (stv 1.0 0.5))))'
)
MODERN = (
    '(Query (Variable "$x") (Meet (Variable "$x"))'
    ' (List (Concept "a" (alist (cons (Predicate "truth") (TruthValue 1.0 0.5))))))'
)
X = Node("Variable", "$x")


def test_a_classic_query_becomes_a_modern_one_and_back() -> None:
    (classic,) = read(CLASSIC, dialect="classic")
    modern = converted(classic, "2026")
    assert write(modern.atom, modern.values, dialect="2026") == MODERN
    assert list(read(MODERN)) == [modern]
    back = converted(modern, "classic")
    assert back == classic
    assert write(back.atom, back.values, dialect="classic") == CLASSIC


def test_metta_has_all_types() -> None:
    (classic,) = read(CLASSIC, dialect="classic")
    assert converted(classic, "metta") == classic


def test_what_does_not_count_in_order_stays_canonical() -> None:
    (classic,) = read("(And (Get) (List) (Is))".replace("(Is)", '(Concept "a")'), dialect="classic")
    modern = converted(classic, "2026").atom
    assert modern == Link("And", (Node("Concept", "a"), Link("List", ()), Link("Meet", ())))
    ordered = converted(Expression(Link("And", (Link("Meet", ()), Link("List", ())))), "2026")
    assert ordered.atom == Link("And", (Link("Meet", ()), Link("List", ())))


def test_values_go_with_their_atoms_unless_two_become_one() -> None:
    bind, query = Link("Bind", (X,)), Link("Query", (X,))
    true, false = {TRUTH: TruthValue(1.0, 1.0)}, {TRUTH: TruthValue(0.0, 1.0)}
    both = Link("List", (bind, query))
    agreed = converted(Expression(both, {bind: true, query: true}), "2026")
    assert agreed == Expression(Link("List", (query, query)), {query: true})
    with pytest.raises(CannotSay, match="other values"):
        converted(Expression(both, {bind: true, query: false}), "2026")


def test_deep_and_shared_nesting_is_converted() -> None:
    atom: Link = Link("Get", ())
    expected: Link = Link("Meet", ())
    for _ in range(100_000):
        atom, expected = Link("List", (atom, atom)), Link("List", (expected, expected))
    assert converted(Expression(atom), "2026").atom == expected
