from __future__ import annotations

from collections.abc import Sequence

import pytest

from cognitive_architecture.atomspace import AtomSpace
from cognitive_architecture.atomspace.text import Layer, Parse, TextError
from tests.unit.atomspace.text.fakes import ListTagger, WrittenParser, parse, reader

TEXT = "Gold is stolen. Who?"


def test_a_layer_without_its_tool_is_left_out_and_says_why() -> None:
    found = reader().read(AtomSpace(), "story", TEXT)
    assert found.layers == (Layer.EXACT,)
    assert found.left_out == {Layer.WORDS: "no tagger", Layer.GRAMMAR: "no parser"}
    only_words = reader(ListTagger()).read(AtomSpace(), "story", TEXT)
    assert only_words.layers == (Layer.EXACT, Layer.WORDS)
    assert only_words.left_out == {Layer.GRAMMAR: "no parser"}


def test_sentences_that_have_no_parse_are_named() -> None:
    parser = WrittenParser({"Gold is stolen.": parse("Gold is.v stolen.v", "Ss 0 1 · Pv 1 2")})
    found = reader(ListTagger(), parser).read(AtomSpace(), "story", TEXT)
    assert found.layers == (Layer.EXACT, Layer.WORDS, Layer.GRAMMAR)
    assert found.left_out == {}
    assert found.unparsed == found.sentences[1:]


def test_a_text_without_a_word_has_no_sentences() -> None:
    found = reader(ListTagger(), WrittenParser()).read(AtomSpace(), "story", " \n ")
    assert found.sentences == ()
    assert found.unparsed == ()


class SilentParser(WrittenParser):
    def parse(self, sentences: Sequence[str]) -> list[Parse | None]:  # noqa: ARG002
        return []


def test_a_parser_that_loses_sentences_is_named() -> None:
    with pytest.raises(TextError, match="written parser 1 gave 0 parses for 2 sentences"):
        reader(ListTagger(), SilentParser()).read(AtomSpace(), "story", TEXT)
