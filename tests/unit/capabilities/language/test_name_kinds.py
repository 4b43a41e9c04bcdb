from __future__ import annotations

import pytest

from cognitive_architecture.capabilities.language.documents import read_document
from cognitive_architecture.capabilities.language.name_kinds import named_things
from cognitive_architecture.capabilities.language.names import name_spans


def kinds(text: str, characters: frozenset[str] = frozenset()) -> list[tuple[str, str, str]]:
    document = read_document(text)
    things = named_things(document, name_spans(document, characters), characters)
    return [
        (text[thing.span.start : thing.span.end], thing.kind.value, thing.rule) for thing in things
    ]


@pytest.mark.parametrize(
    ("text", "kind", "rule"),
    [
        ("We met Mr. Zorrin.", "person", "title before the name"),
        ("We met captain Zorrin.", "person", "title before the name"),
        ("We met First Minister Ewa Zorrin.", "person", "title before the name"),
        ('"No," said Zorrin.', "person", "verb of speech beside the name"),
        ("Then Zorrin smiled.", "person", "verb that persons do"),
        ("We met Dorcas.", "person", "known given name"),
        ("We met \u00c9mile Zorrin.", "person", "known given name"),
        ("They sued Zorrin Ltd. today.", "organisation", "organisation word"),
        ("He is at the Bank of Zorrin.", "organisation", "organisation word"),
        ("It was told by the BBC.", "organisation", "known organisation"),
        ("They saw Zorrin Bay.", "place", "place word"),
        ("They saw Lake Zorrin.", "place", "place word"),
        ("They like Paris.", "place", "known place"),
        ("They live in Zorrin.", "place", "preposition of place"),
        ("They went back to Zorrin.", "place", "preposition of place"),
        ("It is in the village of Zorrin.", "place", "noun of place before the name"),
        ("They like Danish bread.", "nationality", "known nationality"),
        ("They like Zorrin.", "name", "capitalised"),
        ("They wrote to Zorrin.", "name", "capitalised"),
    ],
)
def test_a_cue_tells_what_a_name_names(text: str, kind: str, rule: str) -> None:
    assert [found[1:] for found in kinds(text)] == [(kind, rule)]


def test_the_strongest_cue_decides_for_all_places_of_a_name() -> None:
    found = kinds("They like Zorrin. Then Mr. Lee left. They asked Zorrin.")
    assert [kind for _, kind, _ in found] == ["person", "person", "person"]
    assert found[0][2] == "elsewhere in the text: verb of speech beside the name"


def test_a_single_name_is_what_its_fuller_name_is() -> None:
    found = kinds("We met Jabez Tull. They like Tull.")
    assert found[1] == ("Tull", "person", "part of a fuller name")


def test_a_fuller_name_is_a_person_if_a_part_is() -> None:
    found = kinds('They like Zorrin Quell. "No," said Zorrin.')
    assert found[0] == ("Zorrin Quell", "person", "holds the name of a person")


def test_a_place_that_is_once_said_to_speak_stays_a_place() -> None:
    found = kinds('"No," said Corrick. They live in Corrick. They died in Corrick.')
    assert {kind for _, kind, _ in found} == {"place"}


def test_listed_characters_are_persons() -> None:
    assert kinds("They like Zorrin.", frozenset({"zorrin"})) == [
        ("Zorrin", "person", "listed as a character")
    ]
