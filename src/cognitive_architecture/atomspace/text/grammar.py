"""L2: the links a parser finds, and the relations that follow from them.

    Edge (LinkGrammarRelation "Ss*s") (List (WordInstance …) (WordInstance …))
    Edge (Predicate "guard") (List (Concept "dragon") (Concept "gold"))
    Reference (Edge …) (Sentence "story#0")            where a relation was read

A relation has the lemma of its verb, its subject, and its object if it has one. In front of the
verb stands ``not`` where the clause denies it; a passive without doer stays one: ``be stolen``.
"""

from __future__ import annotations

from bisect import bisect_right

from cognitive_architecture.atomspace.atoms import Link, Node
from cognitive_architecture.atomspace.snapshot import AtomSpaceView
from cognitive_architecture.atomspace.space import AtomSpace
from cognitive_architecture.atomspace.text.exact import cite, cited_span, document_of, exact_text
from cognitive_architecture.atomspace.text.exact import token_spans as spans_of
from cognitive_architecture.atomspace.text.relations import Clause, clauses
from cognitive_architecture.atomspace.text.tools import Layer, Parse, Tagger
from cognitive_architecture.atomspace.text.words import reading_of, word_instance
from cognitive_architecture.atomspace.values import Provenance

_NAMING = frozenset({"NOUN", "PROPN", "PRON", "NUM"})


def keep_parse(
    space: AtomSpace, sentence: Node, parse: Parse, tool: str, tagger: Tagger | None = None
) -> None:
    """Keep the links and relations of a sentence that is kept already.

    Args:
        space: Where.
        sentence: Which.
        parse: Of its text.
        tool: The parser's name and version.
        tagger: For lemmas; without it words stand as they are written, in lower case.

    Raises:
        TextError: It is no sentence of a document.
    """
    kept = _Kept(space, sentence, parse, tool, tagger)
    kept.keep_links()
    for clause in clauses(parse):
        kept.keep_relation(clause)


def relations_of(space: AtomSpace | AtomSpaceView, sentence: Node) -> list[Link]:
    """The relations that were read in a sentence, in the order of the text."""
    edges = [
        link.out[0]
        for link in space.links_at("Reference", 1, 2, sentence)
        if isinstance(link.out[0], Link)
    ]
    return sorted(edges, key=lambda edge: cited_span(space, Link("Reference", (edge, sentence))))


class _Kept:
    """One sentence and its parse, and which token each word of the parse is in."""

    def __init__(
        self, space: AtomSpace, sentence: Node, parse: Parse, tool: str, tagger: Tagger | None
    ) -> None:
        self._space = space
        self._sentence = sentence
        self._parse = parse
        self._tool = tool
        self._tagger = tagger
        self._text = exact_text(space, document_of(space, sentence))
        offset = cited_span(space, sentence)[0]
        spans = spans_of(space, sentence)
        starts = [start for start, _ in spans]
        self._tokens: list[tuple[int, int] | None] = []
        for word in parse.words:
            place = bisect_right(starts, offset + word.start) - 1
            within = place >= 0 and offset + word.start < spans[place][1]
            self._tokens.append(spans[place] if within and word.start < word.end else None)

    def keep_links(self) -> None:
        """Every link between two tokens; those to walls and within a token are left out."""
        for link in self._parse.links:
            left, right = self._tokens[link.left], self._tokens[link.right]
            if left is None or right is None or left == right:
                continue
            ends = [self._instance(left), self._instance(right)]
            edge = Link("Edge", (Node("LinkGrammarRelation", link.label), Link("List", (*ends,))))
            self._keep(edge, self._where(min(left[0], right[0]), max(left[1], right[1])))

    def keep_relation(self, clause: Clause) -> None:
        """The relation of a clause, unless a word of it is no token of ours."""
        places = [clause.verb, clause.subject, *([] if clause.object is None else [clause.object])]
        spans = [self._tokens[place] for place in places]
        if None in spans:
            return
        cited = [span for span in spans if span is not None]
        concepts = [Node("Concept", self._argument(span)) for span in cited[1:]]
        predicate = Node("Predicate", self._predicate(clause, cited[0]))
        edge = Link("Edge", (predicate, Link("List", (*concepts,))))
        where = self._where(min(start for start, _ in cited), max(end for _, end in cited))
        self._keep(edge, where)
        cite(self._space, self._space.link("Reference", edge, self._sentence), where)

    def _keep(self, edge: Link, where: Provenance) -> None:
        self._space.add(edge)
        label, listed = edge.out
        inner = listed.out if isinstance(listed, Link) else ()
        for atom in (edge, label, listed, *inner):
            cite(self._space, atom, where)

    def _where(self, start: int, end: int) -> Provenance:
        return Provenance(Layer.GRAMMAR.value, start, end, self._parse.confidence, self._tool)

    def _instance(self, span: tuple[int, int]) -> Node:
        written = self._text[slice(*span)]
        return word_instance(self._space, self._sentence, written, self._where(*span))

    def _predicate(self, clause: Clause, span: tuple[int, int]) -> str:
        written = self._text[slice(*span)]
        if clause.is_passive:
            verb = f"be {written.casefold()}"
        else:
            verb = self._tagger.lemma(written, "VERB") if self._tagger else written.casefold()
        return f"not {verb}" if clause.is_negated else verb

    def _argument(self, span: tuple[int, int]) -> str:
        written = self._text[slice(*span)]
        if self._tagger is None:
            return written.casefold()
        reading = reading_of(self._space, self._instance(span))
        if reading is not None and reading[1] in _NAMING:
            return reading[0]
        return self._tagger.lemma(written, "NOUN")  # the parser takes it for one
