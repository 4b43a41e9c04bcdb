import pytest

from cognitive_architecture.atomspace import Atom, Link, Node
from cognitive_architecture.atomspace.notation import read, write

CAT = Node("Concept", "cat")
X = Node("Variable", "$x")


def atoms(text: str) -> list[Atom]:
    return [expression.atom for expression in read(text, dialect="metta")]


@pytest.mark.parametrize(
    ("text", "atom"),
    [
        ("cat", CAT),
        ('"cat"', CAT),
        ('"black cat"', Node("Concept", "black cat")),
        ("(Concept cat)", CAT),
        ('(ConceptNode "cat")', CAT),
        ("$x", X),
        ('(Variable "x")', Node("Variable", "x")),
        ("42", Node("Number", "42")),
        ("-1.5e3", Node("Number", "-1.5e3")),
        ('"42"', Node("Concept", "42")),
        ("42nd", Node("Concept", "42nd")),
        ("(Predicate likes)", Node("Predicate", "likes")),
        ("(Predicate $x)", Node("Predicate", "$x")),
        ("(Inheritance cat $x)", Link("Inheritance", (CAT, X))),
        ("(InheritanceLink cat $x)", Link("Inheritance", (CAT, X))),
        ("(Set $x cat)", Link("Set", (CAT, X))),
        ("()", Link("List", ())),
        ("(List)", Link("List", ())),
        ("(cat $x)", Link("List", (CAT, X))),
        ("(($x) cat)", Link("List", (Link("List", (X,)), CAT))),
        ('("List" cat)', Link("List", (Node("Concept", "List"), CAT))),
        ("( ; behind the bracket\n Inheritance cat $x)", Link("Inheritance", (CAT, X))),
        (
            "( ; behind the bracket\n $x Inheritance)",
            Link("List", (X, Node("Concept", "Inheritance"))),
        ),
        (
            "(= (f $x) #|)",
            Link(
                "List",
                (
                    Node("Concept", "="),
                    Link("List", (Node("Concept", "f"), X)),
                    Node("Concept", "#|"),
                ),
            ),
        ),
        (
            '(stv 0.5 "a")',
            Link(
                "List",
                (
                    Node("Concept", "stv"),
                    Node("Number", "0.5"),
                    Node("Concept", "a"),
                ),
            ),
        ),
    ],
)
def test_words_say_which_node_they_are(text: str, atom: Atom) -> None:
    assert atoms(text) == [atom]


@pytest.mark.parametrize(
    ("atom", "text"),
    [
        (CAT, "cat"),
        (Node("Concept", "42"), '"42"'),
        (Node("Concept", "$x"), '"$x"'),
        (Node("Concept", "a\u200bb"), '"a\\u{200b}b"'),
        (Node("Concept", ""), '""'),
        (Node("Variable", "x"), '(Variable "x")'),
        (Node("Number", "many"), '(Number "many")'),
        (Node("Predicate", "likes"), '(Predicate "likes")'),
        (Link("List", (CAT, X)), "(List cat $x)"),
        (Link("Bind", (CAT,)), "(Bind cat)"),
    ],
)
def test_types_are_kept_in_the_text(atom: Atom, text: str) -> None:
    assert write(atom, dialect="metta") == text
    assert atoms(text) == [atom]
