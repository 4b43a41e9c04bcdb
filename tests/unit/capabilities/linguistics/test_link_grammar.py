from __future__ import annotations

import ctypes
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.atomspace.text import MissingTool, Parse, Parser
from cognitive_architecture.capabilities.linguistics import link_grammar, link_grammar_parser
from cognitive_architecture.capabilities.linguistics.link_grammar import CHARACTERS_MAX
from tests.support.examples import quick


@pytest.fixture(scope="module")
def parser() -> Parser:
    found = link_grammar_parser()
    if isinstance(found, MissingTool):
        assert "apt install liblink-grammar5" in found.sentence
        pytest.skip("link-grammar is not installed")
    return found


def parsed(parser: Parser, sentence: str) -> Parse:
    (found,) = parser.parse([sentence])
    assert found is not None
    return found


def test_words_have_their_places_and_links_their_labels(parser: Parser) -> None:
    sentence = "Zoë  didn\u2019t see\nthe gold."
    found = parsed(parser, sentence)
    places = {sentence[word.start : word.end] for word in found.words}
    assert {"Zoë", "didn\u2019t", "see", "the", "gold", "."} <= places
    by_label = {link.label[0]: link for link in found.links}
    subject = found.words[by_label["S"].left]
    assert sentence[subject.start : subject.end] == "Zoë"
    assert found.unused == 0
    assert found.confidence == 1.0


def test_what_it_does_not_understand_it_leaves_out(parser: Parser) -> None:
    found = parsed(parser, "The dragon the guards of of.")
    assert found.unused > 0
    assert found.confidence < 1.0


@pytest.mark.parametrize("sentence", ["", "  \n", "x" * (CHARACTERS_MAX + 1)])
def test_what_is_not_parsed(parser: Parser, sentence: str) -> None:
    assert parser.parse([sentence]) == [None]


@pytest.mark.parametrize(
    "sentence", ["!exit", "!file /etc/passwd", "%comment", "\x00cat", "a\x00b"]
)
def test_no_sentence_is_an_order(parser: Parser, sentence: str) -> None:
    before, _, after = parser.parse(["Cats sleep.", sentence, "Cats sleep."])
    assert before == after
    assert before is not None


def test_its_name_has_both_versions(parser: Parser) -> None:
    assert parser.tool.startswith("link-grammar-5.")
    assert "with dictionary" in parser.tool


@given(st.text(st.characters(codec="utf-8"), max_size=25))
@quick(40)
def test_any_text_is_survived_and_places_are_inside_it(text: str) -> None:
    found = link_grammar_parser()
    if isinstance(found, MissingTool):
        return
    (result,) = found.parse([text])
    if result is not None:
        for word in result.words:
            assert 0 <= word.start <= word.end <= len(text)
        for link in result.links:
            assert 0 <= link.left < link.right < len(result.words)


@pytest.fixture
def _loaded_anew() -> Iterator[None]:
    link_grammar._loaded.cache_clear()
    yield
    link_grammar._loaded.cache_clear()


@pytest.mark.usefixtures("_loaded_anew")
def test_without_the_library_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(name: str) -> ctypes.CDLL:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", nowhere)
    missing = link_grammar_parser()
    assert isinstance(missing, MissingTool)
    assert "cannot open shared object file" in missing.sentence
    assert "apt install liblink-grammar5" in missing.sentence
