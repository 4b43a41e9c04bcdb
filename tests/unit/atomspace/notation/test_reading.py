import io
from collections.abc import Iterator
from typing import Any

import pytest

from cognitive_architecture.atomspace import (
    Atom,
    AtomSpaceError,
    AttentionValue,
    FloatValue,
    Link,
    LinkValue,
    Node,
    NotationError,
    Provenance,
    StringValue,
    TruthValue,
    TypeHierarchy,
    Value,
)
from cognitive_architecture.atomspace.notation import ATTENTION, TRUTH, Expression, read

CAT = Node("Concept", "cat")
ANIMAL = Node("Concept", "animal")
CAT_IS_ANIMAL = Link("Inheritance", (CAT, ANIMAL))


def atoms(text: str, dialect: str = "2026") -> list[Atom]:
    return [expression.atom for expression in read(text, dialect=dialect)]


def value(text: str, dialect: str = "2026") -> Value:
    """The value under ``k`` on a concept."""
    said = f'(Concept "cat" (alist (cons (Predicate "k") {text})))'
    (expression,) = read(said, dialect=dialect)
    return expression.values[CAT]["k"]


@pytest.mark.parametrize("dialect", ["classic", "2026"])
@pytest.mark.parametrize(
    "text",
    [
        '(Inheritance (Concept "cat") (Concept "animal"))',
        '(InheritanceLink (ConceptNode "cat") (ConceptNode "animal"))',
        '(InheritanceLink(Concept"cat")(ConceptNode"animal"))',
        '  ( Inheritance\t\r\n ( Concept "cat" ) ; (\n ( ;"\n Concept ;\n "animal" ) ) ;',
        '#| ( |# (Inheritance #|"|# (#||#Concept "cat") (Concept #| a #| b |# |# "animal"))#||#',
        '\ufeff(Inheritance (Concept "c\\x61;t") (Concept "\\u0061nim\\U000061l"))',
    ],
)
def test_scheme_is_read_with_or_without_suffixes_and_with_comments(text: str, dialect: str) -> None:
    assert atoms(text, dialect) == [CAT_IS_ANIMAL]


def test_several_expressions_stand_in_one_text() -> None:
    assert atoms('(Concept "cat")(Concept "animal") (List)') == [CAT, ANIMAL, Link("List", ())]
    assert atoms(" \n ; nothing\n") == []
    assert atoms("") == []


def test_links_whose_order_does_not_count_are_canonical() -> None:
    one, other = atoms(
        '(Set (Concept "cat") (Concept "animal")) (Set (Concept "animal") (Concept "cat"))'
    )
    assert one == other == Link("Set", (ANIMAL, CAT))


def test_numbers_keep_their_text() -> None:
    assert atoms('(Number 42) (NumberNode "42") (Number -0.50)') == [
        Node("Number", "42"),
        Node("Number", "42"),
        Node("Number", "-0.50"),
    ]


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("", ""),
        (r"\"\\\a\b\f\n\r\t\v\0", '"\\\a\b\f\n\r\t\v\0'),
        (r"\x3b1;\x1F600;\xd800;", "\u03b1😀\ud800"),
        (r"\u03b1\u{3b1}\U01F600", "\u03b1\u03b1😀"),
        ("two\nlines; no comment (nor a bracket)", "two\nlines; no comment (nor a bracket)"),
        ("\u2028 \x85 日本 \U0001f600", "\u2028 \x85 日本 \U0001f600"),
    ],
)
@pytest.mark.parametrize("dialect", ["classic", "2026", "metta"])
def test_names_hold_any_character(body: str, name: str, dialect: str) -> None:
    assert atoms(f'(Concept "{body}")', dialect) == [Node("Concept", name)]


def test_classic_keeps_truth_and_attention_on_their_atoms() -> None:
    text = '(InheritanceLink (stv .9 1) (ConceptNode (av 10 -1.5 2) "cat") (ConceptNode "animal"))'
    assert list(read(text, dialect="classic")) == [
        Expression(
            CAT_IS_ANIMAL,
            {
                CAT: {ATTENTION: AttentionValue(10.0, -1.5, 2)},
                CAT_IS_ANIMAL: {TRUTH: TruthValue(0.9, 1.0)},
            },
        )
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(FloatValue)", FloatValue(())),
        ("(FloatValue 1 -2.5 +.5 3. 1e-7)", FloatValue((1.0, -2.5, 0.5, 3.0, 1e-7))),
        (r'(StringValue "a" "\n")', StringValue(("a", "\n"))),
        ("(LinkValue)", LinkValue(())),
        (
            '(LinkValue (LinkValue (FloatValue 1)) (StringValue "a"))',
            LinkValue((LinkValue((FloatValue((1.0,)),)), StringValue(("a",)))),
        ),
        ("(TruthValue 0 1)", TruthValue(0.0, 1.0)),
        ("(AttentionValue 1 2 3)", AttentionValue(1.0, 2.0, 3)),
        ('(Provenance "L1" 0 7 0.9 "t 1")', Provenance("L1", 0, 7, 0.9, "t 1")),
    ],
)
def test_values_stand_under_keys(text: str, expected: Value) -> None:
    assert value(text) == expected


def test_scheme_programs_set_values() -> None:
    text = '(cog-set-value! (Concept "cat") (Predicate "k") (FloatValue 1))'
    expected = Expression(CAT, {CAT: {"k": FloatValue((1.0,))}})
    assert list(read(text)) == list(read(text, dialect="classic")) == [expected]


def test_what_is_set_later_counts() -> None:
    text = '(List (Concept "cat" (stv 1 1)) (Concept "cat" (stv 0 0)))'
    (expression,) = read(text, dialect="classic")
    assert expression.values == {CAT: {TRUTH: TruthValue(0.0, 0.0)}}


def test_types_of_ones_own_are_read() -> None:
    types = TypeHierarchy()
    types.declare("Gene", "Node")
    assert next(read('(GeneNode "g")', types=types)).atom == Node("Gene", "g")


def test_an_open_file_is_read_as_far_as_somebody_asks() -> None:
    file = io.StringIO('(Concept "cat")\n(List\n(Concept "animal"))\n(Concept\n')
    expressions = read(file)
    assert next(expressions).atom == CAT
    assert file.readline() == "(List\n"


def test_what_stands_before_a_mistake_is_handed_out() -> None:
    expressions = read('(Concept "cat")\n(Concep "animal")')
    assert next(expressions).atom == CAT
    with pytest.raises(NotationError, match="did you mean Concept"):
        next(expressions)


def test_a_string_over_many_lines_is_looked_at_few_times() -> None:
    count = 20_000

    def lines() -> Iterator[str]:
        yield '(Concept "'
        yield from ["a line\n"] * count
        yield '")'

    (expression,) = read(lines())
    assert expression.atom == Node("Concept", "a line\n" * count)


def test_deep_nesting_is_read() -> None:
    depth = 100_000
    (atom,) = atoms("(List " * depth + '(Concept "cat")' + ")" * depth)
    for _ in range(depth):
        assert isinstance(atom, Link)
        (atom,) = atom.out
    assert atom == CAT


def test_an_unknown_dialect_is_refused_at_once() -> None:
    with pytest.raises(
        AtomSpaceError, match="a dialect is one of classic, 2026, metta, not '2027'"
    ):
        read("", dialect="2027")


@pytest.mark.parametrize("text", [b"(List)", io.BytesIO(b"(List)"), [1]])
def test_bytes_are_no_text(text: Any) -> None:
    with pytest.raises(AtomSpaceError, match="a text is a str, or pieces that are"):
        list(read(text))
