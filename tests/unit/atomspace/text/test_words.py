from __future__ import annotations

from collections.abc import Sequence

import pytest

from cognitive_architecture.atomspace import AtomSpace, Link, Node, Provenance
from cognitive_architecture.atomspace.text import (
    PROVENANCE,
    TaggedWord,
    TextError,
    reading_of,
    words_within,
)
from tests.unit.atomspace.text.fakes import ListTagger, document, reader


def test_each_token_says_its_word_its_lemma_and_its_part_of_speech() -> None:
    space, _ = document("The dragon guards gold.")
    instance = Node("WordInstance", "story@11-17")
    assert reading_of(space, instance) == ("guard", "VERB")
    assert Link("Reference", (instance, Node("Word", "guards"))) in space
    assert Link("Member", (instance, Node("Sentence", "story#0"))) in space
    where = Provenance("L1", 11, 17, 0.9, "list tagger 1")
    edge = Link(
        "Edge", (Node("Predicate", "lemma"), Link("List", (instance, Node("Lemma", "guard"))))
    )
    assert space.value(instance, PROVENANCE) == where
    assert space.value(edge, PROVENANCE) == where


def test_what_is_shared_cites_where_it_was_read_first() -> None:
    space, _ = document("Gold guards gold.")
    cited = space.value(Node("Lemma", "gold"), PROVENANCE)
    assert isinstance(cited, Provenance)
    assert (cited.start, cited.end) == (0, 4)


def test_without_a_tagger_a_token_has_no_reading() -> None:
    space, _ = document("Gold.", tagged=False)
    assert reading_of(space, Node("WordInstance", "story@0-4")) is None


def test_the_words_of_a_span_are_those_wholly_inside_as_written_and_as_lemmas() -> None:
    space, kept = document("The Dragon guards gold. He sees.")
    assert words_within(space, kept, 4, 17) == {"dragon", "guards", "guard"}
    assert words_within(space, kept, 5, 16) == frozenset()
    assert {"sees", "see", "the"} <= words_within(space, kept, 0, 32)


class ForgetfulTagger(ListTagger):
    def tag(self, words: Sequence[str]) -> list[TaggedWord]:
        return super().tag(words)[1:]


def test_a_tagger_that_loses_words_is_named() -> None:
    with pytest.raises(TextError, match="list tagger 1 gave 2 tags for 3 tokens"):
        reader(ForgetfulTagger()).read(AtomSpace(), "story", "Gold glitters.")
