"""From text to atoms and back, in layers that say what they are worth.

    L0  exact       the text, its sentences and tokens     always; the text comes back byte by byte
    L1  words       lemma and part of speech               where a tagger is installed
    L2  grammar     links, and who does what to whom       where a parser is installed
    L3  extraction  what a language model read             checked against the words it cites

Every atom that is made says under ``provenance`` which layer made it of which span, how sure that
is, and with which version of which tool. Nothing here splits, tags or parses: tools are passed in
(:mod:`.tools`), and a layer without its tool is left out and says so.

What a relation states is what the text says, not what is so: it has no truth value, and whoever
believes the text gives it one.
"""

from cognitive_architecture.atomspace.text.errors import TextError
from cognitive_architecture.atomspace.text.exact import (
    PROVENANCE,
    exact_text,
    sentences_of,
    token_spans,
)
from cognitive_architecture.atomspace.text.extraction import (
    GRAMMAR,
    Checked,
    Extractor,
    RefusedAtom,
    checked,
)
from cognitive_architecture.atomspace.text.grammar import relations_of
from cognitive_architecture.atomspace.text.phrasing import plain_sentence
from cognitive_architecture.atomspace.text.reader import ReadText, TextReader
from cognitive_architecture.atomspace.text.relations import Clause, clauses
from cognitive_architecture.atomspace.text.tools import (
    Layer,
    MissingTool,
    Parse,
    ParsedLink,
    ParsedWord,
    Parser,
    Span,
    TaggedWord,
    Tagger,
)
from cognitive_architecture.atomspace.text.words import reading_of, words_within

__all__ = [
    "GRAMMAR",
    "PROVENANCE",
    "Checked",
    "Clause",
    "Extractor",
    "Layer",
    "MissingTool",
    "Parse",
    "ParsedLink",
    "ParsedWord",
    "Parser",
    "ReadText",
    "RefusedAtom",
    "Span",
    "TaggedWord",
    "Tagger",
    "TextError",
    "TextReader",
    "checked",
    "clauses",
    "exact_text",
    "plain_sentence",
    "reading_of",
    "relations_of",
    "sentences_of",
    "token_spans",
    "words_within",
]
