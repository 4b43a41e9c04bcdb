from __future__ import annotations

import pytest

from cognitive_architecture.atomspace import Link, Node
from cognitive_architecture.atomspace.text import TextError, plain_sentence


def relation(verb: str, *names: str) -> Link:
    concepts = tuple(Node("Concept", name) for name in names)
    return Link("Edge", (Node("Predicate", verb), Link("List", concepts)))


@pytest.mark.parametrize(
    ("edge", "sentence"),
    [
        (relation("guard", "dragon", "gold"), "Dragon guards gold."),
        (relation("sleep", "cat"), "Cat sleeps."),
        (relation("watch", "Mara", "sea"), "Mara watches sea."),
        (relation("carry", "he", "box"), "He carries box."),
        (relation("play", "Otto", "chess"), "Otto plays chess."),
        (relation("have", "house", "room"), "House has room."),
        (relation("see", "we", "they"), "We see they."),
        (relation("be", "I", "king"), "I am king."),
        (relation("be", "Lisbon", "capital"), "Lisbon is capital."),
        (relation("be stolen", "gold"), "Gold is stolen."),
        (relation("not be stolen", "they"), "They are not stolen."),
        (relation("not open", "Anna", "box"), "Anna does not open box."),
        (relation("not see", "I", "letter"), "I do not see letter."),
        (relation("not", "knot"), "Knot nots."),
    ],
)
def test_a_relation_as_a_sentence(edge: Link, sentence: str) -> None:
    assert plain_sentence(edge) == sentence


@pytest.mark.parametrize(
    "wrong",
    [
        Link("List", ()),
        Link("Edge", (Node("Predicate", "see"), Link("List", ()))),
        Link("Edge", (Node("Predicate", "see"), Node("Concept", "cat"))),
        Link("Edge", (Node("Predicate", "see"), Link("List", (Link("List", ()),)))),
    ],
)
def test_anything_else_is_refused(wrong: Link) -> None:
    with pytest.raises(TextError, match=r"a relation is Edge \(Predicate"):
        plain_sentence(wrong)
