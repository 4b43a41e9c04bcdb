import pytest

from cognitive_architecture.atomspace import (
    Atom,
    AttentionValue,
    FloatValue,
    Link,
    Node,
    TruthValue,
    TypeHierarchy,
    Value,
)
from cognitive_architecture.atomspace.notation import ATTENTION, TRUTH, CannotSay, read, write
from cognitive_architecture.atomspace.notation.dialects import DEPTH_MAX
from cognitive_architecture.atomspace.notation.writing import ATOMS_MAX

CAT = Node("Concept", "cat")
ANIMAL = Node("Concept", "animal")
CAT_IS_ANIMAL = Link("Inheritance", (CAT, ANIMAL))
VALUES: dict[Atom, dict[str, Value]] = {
    CAT_IS_ANIMAL: {TRUTH: TruthValue(0.9, 0.8), "seen": FloatValue((1.0, 2.5))},
    CAT: {ATTENTION: AttentionValue(10.0, 1.5, 2)},
}


def test_each_dialect_has_its_own_words() -> None:
    assert write(CAT_IS_ANIMAL, VALUES, dialect="classic") == (
        "(InheritanceLink (stv 0.9 0.8)"
        ' (alist (cons (PredicateNode "seen") (FloatValue 1.0 2.5)))'
        ' (ConceptNode "cat" (av 10.0 1.5 2)) (ConceptNode "animal"))'
    )
    assert write(CAT_IS_ANIMAL, VALUES, dialect="2026") == (
        '(Inheritance (alist (cons (Predicate "truth") (TruthValue 0.9 0.8))'
        ' (cons (Predicate "seen") (FloatValue 1.0 2.5)))'
        ' (Concept "cat" (alist (cons (Predicate "attention") (AttentionValue 10.0 1.5 2))))'
        ' (Concept "animal"))'
    )
    assert write(CAT_IS_ANIMAL, dialect="metta") == "(Inheritance cat animal)"


def test_indentation_puts_each_part_on_a_line() -> None:
    atom = Link("Evaluation", (Node("Predicate", "likes"), Link("List", (CAT, Link("List", ())))))
    assert write(atom, {CAT: {TRUTH: TruthValue(1.0, 0.5)}}, dialect="classic", indent=2) == (
        "(EvaluationLink\n"
        '  (PredicateNode "likes")\n'
        "  (ListLink\n"
        '    (ConceptNode "cat" (stv 1.0 0.5))\n'
        "    (ListLink)))"
    )


def test_values_stand_where_their_atom_is_written_first() -> None:
    text = write(Link("List", (CAT, CAT)), {CAT: {TRUTH: TruthValue(1.0, 1.0)}}, dialect="classic")
    assert text == '(ListLink (ConceptNode "cat" (stv 1.0 1.0)) (ConceptNode "cat"))'


def test_a_truth_value_under_another_key_is_written_out() -> None:
    values: dict[Atom, dict[str, Value]] = {
        CAT: {"other": TruthValue(1.0, 1.0), TRUTH: FloatValue((1.0,))}
    }
    text = write(CAT, values, dialect="classic")
    assert text == (
        '(ConceptNode "cat" (alist (cons (PredicateNode "other") (stv 1.0 1.0))'
        ' (cons (PredicateNode "truth") (FloatValue 1.0))))'
    )


@pytest.mark.parametrize("indent", [None, 2])
def test_deep_nesting_is_written_and_stays_small(indent: int | None) -> None:
    atom: Atom = CAT
    for _ in range(100_000):
        atom = Link("List", (atom,))
    text = write(atom, {CAT: {"k": FloatValue((1.0,))}}, indent=indent)
    assert len(text) < 100_000 * 100
    (expression,) = read(text)
    assert expression.atom == atom


def _nested(depth: int, copies: int) -> Atom:
    atom: Atom = CAT
    for _ in range(depth):
        atom = Link("List", (atom,) * copies)
    return atom


@pytest.mark.parametrize(
    ("atom", "dialect", "words"),
    [
        (Link("Bind", (CAT,)), "2026", "2026 has no Bind, but Query: convert"),
        (
            Link("Get", (CAT,)),
            "2026",
            "2026 has no Get, but Meet: convert the expression first, or write it in classic",
        ),
        (Node("Gene", "g"), "classic", "type 'Gene' cannot be written, for that type is unknown"),
        (Node("List", "g"), "metta", "that type is of kind link"),
        (Link("Concept", ()), "2026", "that type is of kind node"),
        (_nested(DEPTH_MAX + 1, 1), "2026", f"more than {DEPTH_MAX:,} deep"),
    ],
)
def test_what_a_dialect_cannot_say_is_refused(atom: Atom, dialect: str, words: str) -> None:
    with pytest.raises(CannotSay, match=words.replace(",", ".")):
        write(atom, dialect=dialect)


def test_what_is_shared_too_often_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ATOMS_MAX == 4_000_000
    monkeypatch.setattr("cognitive_architecture.atomspace.notation.writing.ATOMS_MAX", 1000)
    with pytest.raises(CannotSay, match="atoms written out"):
        write(_nested(60, 2))


def test_values_that_cannot_be_said_are_refused() -> None:
    truth = {TRUTH: TruthValue(1.0, 1.0)}
    with pytest.raises(CannotSay, match="metta has no words for values"):
        write(CAT, {CAT: truth}, dialect="metta")
    with pytest.raises(CannotSay, match=r"'animal'.*is not in the expression"):
        write(CAT, {ANIMAL: truth})
    with pytest.raises(CannotSay, match="too large to be written"):
        write(CAT, {CAT: {"k": AttentionValue(0.0, 0.0, 10**5000)}})


def test_an_atom_without_values_may_be_named_among_them() -> None:
    assert write(CAT, {CAT: {}}) == '(Concept "cat")'
    assert write(CAT, {CAT: {}}, dialect="metta") == "cat"
    assert write(CAT, {ANIMAL: {}}) == '(Concept "cat")'


def test_types_of_ones_own_are_written() -> None:
    types = TypeHierarchy()
    types.declare("Gene", "Node")
    assert write(Node("Gene", "g"), types=types, dialect="classic") == '(GeneNode "g")'
