from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.atomspace.text import MissingTool
from cognitive_architecture.capabilities.language.tokens import tokens
from cognitive_architecture.capabilities.linguistics import rule_tagger
from cognitive_architecture.capabilities.linguistics.lemmas import Dictionary, english
from cognitive_architecture.capabilities.linguistics.tagging import RuleTagger
from tests.support.examples import quick

KNOWN: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "dragon": {"NOUN": ("dragon",)},
    "guards": {"NOUN": ("guard",), "VERB": ("guard",)},
    "gold": {"NOUN": ("gold",), "ADJ": ("gold",)},
    "leaves": {"NOUN": ("leave", "leaf"), "VERB": ("leave",)},
    "fall": {"NOUN": ("fall",), "VERB": ("fall",)},
    "see": {"VERB": ("see",)},
    "queen": {"NOUN": ("queen",)},
    "old": {"ADJ": ("old",)},
}


def guessed(word: str, part_of_speech: str) -> Mapping[str, tuple[str, ...]]:
    return {part_of_speech: (word.removesuffix("s"),)}


@pytest.fixture(scope="module")
def tagger() -> RuleTagger:
    return RuleTagger(Dictionary(lambda word: KNOWN.get(word, {}), guessed, "small words 1"))


def told(tagger: RuleTagger, sentence: str) -> str:
    words = [token.text for token in tokens(sentence)]
    return " ".join(f"{tag.lemma}/{tag.part_of_speech}" for tag in tagger.tag(words))


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The dragon guards the gold.", "the/DET dragon/NOUN guard/VERB the/DET gold/NOUN ./PUNCT"),
        ("The guards fall.", "the/DET guard/NOUN fall/VERB ./PUNCT"),
        ("The old leaves fall.", "the/DET old/ADJ leaf/NOUN fall/VERB ./PUNCT"),
        ("He didn\u2019t see them.", "he/PRON do/AUX see/VERB they/PRON ./PUNCT"),
        ("I can't see.", "I/PRON can/AUX see/VERB ./PUNCT"),
        ("The queen's gold", "the/DET queen/NOUN gold/NOUN"),
        ("Guards see Mara.", "guard/NOUN see/VERB Mara/PROPN ./PUNCT"),
        ("\u201cMara!\u201d", "\u201c/PUNCT Mara/PROPN !/PUNCT \u201d/PUNCT"),
        ("3 blorps", "3/NUM blorp/NOUN"),
        ("It cost 5 \u20ac.", "it/PRON cost/NOUN 5/NUM \u20ac/SYM ./PUNCT"),
        ("See www.example.org", "see/VERB www.example.org/X"),
        ("It falls oddly.", "it/PRON fall/NOUN oddly/ADV ./PUNCT"),
        ("His gold", "his/PRON gold/NOUN"),
    ],
)
def test_sentences(tagger: RuleTagger, sentence: str, expected: str) -> None:
    assert told(tagger, sentence) == expected


def test_how_sure_it_is(tagger: RuleTagger) -> None:
    sure = {tag.lemma: tag.confidence for tag in tagger.tag(["The", "guards", "gleamed"])}
    assert sure == {"the": 0.99, "guard": 0.9, "gleamed": 0.7}


def test_no_words_no_tags(tagger: RuleTagger) -> None:
    assert tagger.tag([]) == []
    assert tagger.tool == "cogmesh tagging 1 with small words 1"


def test_a_rule_that_leaves_nothing_of_a_word_is_not_followed(tagger: RuleTagger) -> None:
    assert tagger.lemma("s", "NOUN") == "s"


@given(st.text(max_size=80))
@quick(150)
def test_any_text_has_a_tag_for_every_token(text: str) -> None:
    tagger = RuleTagger(Dictionary(lambda word: KNOWN.get(word, {}), guessed, "small words 1"))
    found = tokens(text)
    tags = tagger.tag([token.text for token in found])
    assert len(tags) == len(found)
    assert all(tag.lemma and tag.part_of_speech.isupper() for tag in tags)


def test_the_dictionary_of_english() -> None:
    dictionary = english()
    if isinstance(dictionary, MissingTool):
        assert "pip install 'cogmesh[text]'" in dictionary.sentence
        pytest.skip("lemminflect is not installed")
    assert dictionary.lemma("mice", "NOUN") == "mouse"
    assert dictionary.lemma("leaves", "NOUN") == "leaf"
    assert dictionary.lemma("leaves", "VERB") == "leave"
    assert dictionary.lemma("blorps", "NOUN") == "blorp"
    assert dictionary.parts_of_speech("guards") == {"NOUN", "VERB"}
    assert isinstance(rule_tagger(), RuleTagger)


def test_without_lemminflect_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "lemminflect", None)
    missing = rule_tagger()
    assert isinstance(missing, MissingTool)
    assert "pip install 'cogmesh[text]'" in missing.sentence
