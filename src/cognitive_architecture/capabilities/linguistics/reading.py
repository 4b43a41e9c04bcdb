"""The reader of texts with all the tools that this machine has."""

from __future__ import annotations

from importlib.metadata import version

from cognitive_architecture.atomspace.text import TextReader
from cognitive_architecture.capabilities.language.sentences import sentences
from cognitive_architecture.capabilities.language.tokens import tokens
from cognitive_architecture.capabilities.linguistics.link_grammar import link_grammar_parser
from cognitive_architecture.capabilities.linguistics.tagging import rule_tagger


def text_reader() -> TextReader:
    """A reader for English; what is not installed is left out, and said so by what it reads."""
    return TextReader(
        sentences=sentences,
        tokens=tokens,
        tool=f"cogmesh {version('cogmesh')}",
        tagger=rule_tagger(),
        parser=link_grammar_parser(),
    )
