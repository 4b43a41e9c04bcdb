from __future__ import annotations

import itertools

from hypothesis import given, settings

from cognitive_architecture.capabilities.language.documents import read_document
from cognitive_architecture.capabilities.language.entities import Entity, entities

from .texts import ANY_TEXT

NEWS = (
    "Shares in Meridian Energy plc fell 12.5% on Tuesday after it closed its plant in Aberdeen. "
    '"We did not take this lightly," said chief executive Helena Strand, who joined from Norsk '
    "Hydro in 2019. Ms. Strand wrote to investors@meridian.example at 7:30 a.m.; see "
    "https://meridian.example/results. The plant, 20 km north of the city, cost \u00a31.2 billion."
)


def found(text: str) -> list[tuple[str, str]]:
    return [(entity.kind, entity.text) for entity in entities(read_document(text))]


def test_a_news_item() -> None:
    assert found(NEWS) == [
        ("organisation", "Meridian Energy plc"),
        ("percentage", "12.5%"),
        ("date", "Tuesday"),
        ("place", "Aberdeen"),
        ("person", "Helena Strand"),
        ("name", "Norsk Hydro"),
        ("date", "2019"),
        ("person", "Ms. Strand"),
        ("email", "investors@meridian.example"),
        ("time", "7:30 a.m."),
        ("url", "https://meridian.example/results"),
        ("quantity", "20 km"),
        ("money", "\u00a31.2 billion"),
    ]


def test_each_tells_the_rule_that_found_it() -> None:
    (only,) = entities(read_document("We paid $5."))
    assert only == Entity("money", "$5", 8, 10, "currency sign")


def test_what_an_address_holds_is_not_found_again() -> None:
    assert found("See https://example.org/2024-02-29/5km now.") == [
        ("url", "https://example.org/2024-02-29/5km")
    ]


def test_an_address_with_a_user_in_it_is_no_mail_address() -> None:
    assert found("See https://me@example.org now.") == [("url", "https://me@example.org")]


@given(ANY_TEXT)
@settings(deadline=None)
def test_entities_slice_back_and_do_not_overlap(text: str) -> None:
    all_found = entities(read_document(text))
    for entity in all_found:
        assert text[entity.start : entity.end] == entity.text != ""
        assert entity.rule
    assert all(one.end <= other.start for one, other in itertools.pairwise(all_found))
