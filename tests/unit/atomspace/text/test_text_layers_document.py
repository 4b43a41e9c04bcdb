"""``docs/text_layers.md`` says what the tools do."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from cognitive_architecture.atomspace.text import MissingTool
from cognitive_architecture.capabilities.language.tokens import tokens
from cognitive_architecture.capabilities.linguistics import text_reader

ROOT = Path(__file__).parents[4]
PARTS = {
    *("ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM"),
    *("PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM", "VERB", "X"),
}


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    path = ROOT / "docs" / "make_text_layers.py"
    spec = importlib.util.spec_from_file_location("make_text_layers", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


def test_the_labels_are_well_formed(maker: ModuleType) -> None:
    labels = maker.labelled(maker.LABELS.read_text("utf-8"))
    assert len(labels) >= 100
    for label in labels:
        assert len(tokens(label.text)) == len(label.words), label.text
        assert {part for _, part in label.words} <= PARTS, label.text
        lemmas = {lemma for lemma, _ in label.words}
        for relation in label.relations:
            subject, _, thing = relation.split(" ")
            assert {subject, thing} <= lemmas | {"-"}, relation


def test_the_document_is_up_to_date(maker: ModuleType) -> None:
    reader = text_reader()
    if isinstance(reader.tagger, MissingTool) or isinstance(reader.parser, MissingTool):
        pytest.skip("lemminflect or link-grammar is not installed")
    page = (ROOT / "docs" / "text_layers.md").read_text("utf-8")
    if maker.tools(reader) not in page:
        pytest.skip("measured with other versions of the tools")
    assert maker.text(reader) == page, "run: python docs/make_text_layers.py"
