"""Every mistake has a line, a column and a sentence that says what to do."""

import pickle

import pytest

from cognitive_architecture.atomspace import NotationError
from cognitive_architecture.atomspace.notation import read
from cognitive_architecture.atomspace.notation.dialects import DEPTH_MAX

KEY = '(Concept "a" (alist (cons (Predicate "k") {})))'
BEGIN = KEY.index("{") + 1

EVERYWHERE = [
    ("(List", 1, 1, "the bracket that opens here is not closed: add )"),
    ('(List\n(List\n(List (Concept "a")', 1, 1, "and 2 inside it are not closed"),
    ('(Concept "a")\n )', 2, 2, "closes here that never opened"),
    ('(Concept "a', 1, 10, "the string that begins here has no end"),
    ('(Concept "a\\")', 1, 10, "the string that begins here has no end"),
    ('(Concept "b")\n\n(Concept \0)', 3, 10, "a NUL character"),
    ('(Concept "a\0")', 1, 12, "a NUL character stands in a name"),
    ('(Concept "a\\q")', 1, 12, "the escape \\q means nothing here"),
    ('(Concept "a\\\0")', 1, 13, "NUL"),
    ('(Concept "\\x41")', 1, 11, "the escape \\x means nothing"),
    ('(Concept "ab\nc\\x110000;")', 2, 2, "beyond the last character"),
    ("(Concept)", 1, 9, "something is missing in Concept: a node takes one name"),
    ('(ConceptNode "a" "b")', 1, 18, "a second name, 'b', cannot stand in ConceptNode"),
    ('(Concept (Concept "a"))', 1, 11, "an atom of type Concept cannot stand in Concept"),
]
SCHEME = [
    ("#| a #| |#", 1, 1, "the comment that begins here has no end"),
    ('(List "a")', 1, 2, "a link takes atoms, like (Concept"),
    ("(List 1)", 1, 7, "the word '1' cannot stand in List"),
    ("(Concept a)", 1, 10, "the word 'a' without quotes"),
    ("(Number 1/2)", 1, 9, "the word '1/2' without quotes"),
    ('(Concep "a")', 1, 2, "did you mean Concept?"),
    ('(List\n  (InheritenceLink "a"))', 2, 4, "did you mean Inheritance?"),
    ('(ConceptLink "a")', 1, 2, "Concept is a node type, write (Concept …)"),
    ("(ListNode)", 1, 2, "List is a link type, write (List …)"),
    ('(Atom "a")', 1, 2, "'Atom' is no type"),
    ("(define x 1)", 1, 2, "'define' is no type"),
    ("()", 1, 2, "a bracket begins with a type"),
    ('("a")', 1, 2, "a bracket begins with a type"),
    ('((Concept "a"))', 1, 3, "a bracket begins with a type"),
    ("a", 1, 1, "a text is atoms in brackets"),
    ('"a"', 1, 1, "a text is atoms in brackets"),
    ("(FloatValue 1)", 1, 14, "a FloatValue cannot stand in the text"),
    ('(Concept "a" (FloatValue 1))', 1, 27, "a FloatValue on an atom needs a key"),
    ('(Concept "a" (alist (Concept "k")))', 1, 22, "an atom of type Concept cannot stand in alist"),
    ('(Concept "a" (cons (Predicate "k") (FloatValue)))', 1, 48, "under the key 'k' cannot stand"),
    ("(List (LinkValue (alist)))", 1, 24, "an alist of 0 cannot stand in LinkValue"),
    (KEY.format('(FloatValue "1")'), 1, BEGIN + 1, "the text '1' cannot stand in FloatValue"),
    (KEY.format("(FloatValue 1.2.3)"), 1, BEGIN + 12, "write a number like 0.5"),
    (KEY.format("(FloatValue nan)"), 1, BEGIN + 12, "write a number like 0.5"),
    (KEY.format("(FloatValue 1e999)"), 1, BEGIN + 17, "a number that is finite"),
    (KEY.format("(StringValue a)"), 1, BEGIN + 13, "it takes texts in quotes"),
    (KEY.format('(StringValue "\\xd800;")'), 1, BEGIN + 22, "whole characters"),
    (KEY.format('(Concept "v")'), 1, BEGIN + 1, "an atom of type Concept cannot stand in cons"),
    (KEY.format("(FloatValue) (FloatValue)"), 1, BEGIN + 24, "a FloatValue cannot stand in cons"),
    (KEY.format(""), 1, BEGIN, "something is missing in cons"),
    (
        KEY.format('(FloatValue)) (cons (Predicate "k") (FloatValue)'),
        1,
        BEGIN + 48,
        "stands here twice",
    ),
    (KEY.format('(Provenance "L1" 0 7 0.9)'), 1, BEGIN + 24, "something is missing in Provenance"),
    (KEY.format('(Provenance "L1" "0")'), 1, BEGIN + 17, "'0', as number 2, cannot stand"),
    (KEY.format('(Provenance "L1" 0.5 7)'), 1, BEGIN + 17, "write a number like 3 or -12"),
    (
        KEY.format('(Provenance "L1" 7 0 0.9 "t")'),
        1,
        BEGIN + 28,
        "a span ends at or after its start",
    ),
    (KEY.format('(Provenance "L1" 0 0 0.9 "t" "u")'), 1, BEGIN + 29, "'u', as number 6, cannot"),
    ('(cog-set-value! (Concept "a") (Predicate "k"))', 1, 46, "something is missing"),
    ('(cog-set-value! (Concept "a") (Concept "k"))', 1, 32, "an atom of type Concept cannot"),
    ("(cog-set-value! (FloatValue 1))", 1, 30, "a FloatValue cannot stand in cog-set-value!"),
    (KEY.format("(LinkValue " * 101 + ")" * 101), 1, BEGIN + 1211, "values nest at most 100 deep"),
    (KEY.format(f"(AttentionValue 1 1 {'9' * 4001})"), 1, None, "4,000 digits"),
]
MODERN = [
    ('(Concept "a" (stv 1 1))', 1, 15, '2026 has no stv: write (alist (cons (Predicate "truth")'),
    ('(Concept "a" (av 1 1 0))', 1, 15, "2026 has no av"),
    ("(BindLink)", 1, 2, "2026 has no BindLink, but Query"),
    ("(Get)", 1, 2, "2026 has no Get, but Meet"),
    (
        KEY.format("(TruthValue 1 1.5)"),
        1,
        BEGIN + 17,
        "TruthValue.confidence: a number from 0 to 1",
    ),
    (KEY.format("(AttentionValue 1 1 0.5)"), 1, BEGIN + 23, "write a number like 3 or -12"),
    (KEY.format("(AttentionValue 1 1 -1)"), 1, BEGIN + 22, "an integer from 0"),
]
CLASSIC = [
    ('(Concept "a" (TruthValue 1 1))', 1, 15, "classic has no TruthValue: write (stv 0.9 0.8)"),
    ('(Concept "a" (stv 1))', 1, 20, "something is missing in stv"),
    ('(Concept "a" (stv 1 1 1))', 1, 24, "a third number cannot stand in stv"),
    ('(Concept "a" (av 1 1))', 1, 21, "something is missing in av"),
    ('(Concept "a" (av 1 1 1 1))', 1, 25, "a fourth number cannot stand in av"),
    ("(stv 1 1)", 1, 9, "a TruthValue cannot stand in the text"),
]
METTA = [
    ("!(List a)", 1, 1, "'!' asks MeTTa to evaluate"),
    ("(Predicate)", 1, 11, "something is missing in Predicate"),
    ("(Predicate a b)", 1, 14, "a second name, 'b',"),
]
CASES = [
    *[(dialect, *case) for dialect in ("classic", "2026", "metta") for case in EVERYWHERE],
    *[("2026", *case) for case in [*SCHEME[:-1], *MODERN, SCHEME[-1]]],
    *[("classic", *case) for case in [*SCHEME[:-1], *CLASSIC]],
    *[("metta", *case) for case in METTA],
]


@pytest.mark.parametrize(("dialect", "text", "line", "column", "words"), CASES)
@pytest.mark.parametrize("in_lines", [False, True])
def test_a_mistake_says_where_it_is_and_what_to_do(
    dialect: str, text: str, line: int, column: int | None, words: str, in_lines: bool
) -> None:
    with pytest.raises(NotationError) as caught:
        list(read(text.splitlines(keepends=True) if in_lines else text, dialect=dialect))
    error = caught.value
    assert words in error.sentence
    assert error.line == line
    assert column is None or error.column == column
    assert str(error).startswith(f"line {line}, column {error.column}: ")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 - made here


def test_absurdly_deep_nesting_is_refused() -> None:
    with pytest.raises(NotationError, match="nested more than 200,000 deep") as caught:
        list(read("(List " * (DEPTH_MAX + 200)))
    assert caught.value.line == 1


def test_places_are_right_far_into_a_text() -> None:
    lines = ['(Concept "a")\n', "; nothing\n", '(Concept\n"b")\n', "#| \n\n |#\n"] * 50
    with pytest.raises(NotationError) as caught:
        list(read([*lines, '(List (Concept "c") (Oops))']))
    assert (caught.value.line, caught.value.column) == (50 * 7 + 1, 22)
