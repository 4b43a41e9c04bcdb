"""Tools that read words and grammar, behind the faces that the AtomSpace asks for.

    reading ──▶ tagging ──▶ word_classes     lemma and part of speech; lemminflect knows the words
       │          └──────▶ lemmas
       └──────▶ link_grammar                 grammar, by the library of that name

Both need something installed that the mesh itself does without. Where it is not, the answer is a
:class:`~cognitive_architecture.atomspace.text.MissingTool` that says how to get it.
"""

from cognitive_architecture.capabilities.linguistics.link_grammar import link_grammar_parser
from cognitive_architecture.capabilities.linguistics.reading import text_reader
from cognitive_architecture.capabilities.linguistics.tagging import rule_tagger

__all__ = ["link_grammar_parser", "rule_tagger", "text_reader"]
