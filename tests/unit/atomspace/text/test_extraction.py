from __future__ import annotations

import pytest

from cognitive_architecture.atomspace import Atom, Link, Node, Provenance
from cognitive_architecture.atomspace.text import (
    GRAMMAR,
    PROVENANCE,
    TextError,
    checked,
    words_within,
)
from cognitive_architecture.atomspace.text.extraction import keep_extracted
from tests.unit.atomspace.text.fakes import document

TEXT = "The Dragon guards the old gold. Mara sees it."


def relation(verb: str, *names: str) -> Link:
    concepts = tuple(Node("Concept", name) for name in names)
    return Link("Edge", (Node("Predicate", verb), Link("List", concepts)))


def first_sentence() -> frozenset[str]:
    space, kept = document(TEXT)
    return words_within(space, kept, 0, 31)


@pytest.mark.parametrize(
    "atom",
    [
        relation("guards", "dragon", "gold"),
        relation("guard", "Dragon", "old gold"),
        relation("guard", "the dragon"),
    ],
)
def test_what_the_span_says_is_admitted(atom: Link) -> None:
    assert checked([atom], first_sentence()).admitted == (atom,)


@pytest.mark.parametrize(
    ("atom", "missing"),
    [
        (relation("guards", "dragon", "treasure"), "'treasure'"),
        (relation("steal", "dragon", "gold"), "'steal'"),
        (relation("see", "mara"), "'see', 'mara'"),  # in the text, but not in the span
        (relation("not guard", "dragon"), "'not'"),
    ],
)
def test_what_it_does_not_say_is_refused_with_the_words(atom: Link, missing: str) -> None:
    (refused,) = checked([atom], first_sentence()).refused
    assert refused.atom == atom
    assert refused.sentence.startswith(f"{missing}: not in the cited span")


@pytest.mark.parametrize(
    "atom",
    [
        Node("Concept", "dragon"),
        Link("Edge", (Node("Predicate", "guard"),)),
        Link("Edge", (Node("Predicate", "guard"), Link("List", ()))),
        Link("Edge", (Node("Concept", "guard"), Link("List", (Node("Concept", "gold"),)))),
        Link("Edge", (Node("Predicate", "guard"), Link("List", (Node("Variable", "gold"),)))),
        Link("Edge", (Node("Predicate", "guard"), Link("List", (relation("guard", "gold"),)))),
        Link("Inheritance", (Node("Concept", "dragon"), Node("Concept", "gold"))),
    ],
)
def test_other_forms_are_refused(atom: Atom) -> None:
    (refused,) = checked([atom], first_sentence()).refused
    assert "a relation is Edge (Predicate" in refused.sentence


@pytest.mark.parametrize("name", ["", "  ", "\u2003"])
def test_names_without_words_are_refused(name: str) -> None:
    (refused,) = checked([relation("guard", name)], first_sentence()).refused
    assert "a name without a word" in refused.sentence


def test_not_and_be_are_borne_out_by_their_forms() -> None:
    for denied in ("didn't", "didn\u2019t", "never", "cannot", "not"):
        assert checked([relation("not see", "he")], {"he", "see", denied}).admitted
    assert checked([relation("be stolen", "gold")], {"gold", "was", "stolen"}).admitted
    assert checked([relation("be stolen", "gold")], {"gold", "stolen"}).refused


def test_a_list_stands_for_what_it_holds_and_what_is_good_is_kept() -> None:
    space, kept = document(TEXT)
    good, bad = relation("guard", "dragon", "gold"), relation("eat", "dragon", "gold")
    answer = Link("List", (good, bad))
    found = keep_extracted(space, kept, (0, 31), [answer], confidence=0.6, tool="model 7")
    assert found.admitted == (good,)
    assert [refused.atom for refused in found.refused] == [bad]
    assert good in space
    assert bad not in space
    assert Node("Predicate", "eat") not in space
    assert space.value(good, PROVENANCE) == Provenance("L3", 0, 31, 0.6, "model 7")
    assert Link("Reference", (good, kept)) in space


@pytest.mark.parametrize("span", [(0, 99), (-1, 3), (3, 3), (5, 2)])
def test_spans_outside_the_text_are_refused(span: tuple[int, int]) -> None:
    space, kept = document(TEXT)
    with pytest.raises(TextError, match="it lies within the 45 characters"):
        keep_extracted(space, kept, span, [], confidence=0.5, tool="model 7")


def test_the_grammar_defines_what_it_uses() -> None:
    defined = {line.partition("::=")[0].strip() for line in GRAMMAR.splitlines()}
    assert defined == {"root", "edge", "con", "str", "ws"}
