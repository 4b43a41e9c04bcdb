from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.atomspace import AtomSpace, Link, Node, Provenance
from cognitive_architecture.atomspace.text import PROVENANCE, Parse, exact_text, relations_of
from tests.support.examples import quick
from tests.unit.atomspace.text.fakes import (
    ChainParser,
    ListTagger,
    WrittenParser,
    document,
    parse,
    reader,
)

SENTENCE = "The dragon guards gold"
PARSE = parse("The dragon.n guards.v gold.n-u", "Ds 0 1 · Ss*s 1 2 · Ou 2 3")


def relation(verb: str, *names: str) -> Link:
    concepts = tuple(Node("Concept", name) for name in names)
    return Link("Edge", (Node("Predicate", verb), Link("List", concepts)))


def read(found: Parse, text: str = SENTENCE, *, tagged: bool = True) -> list[Link]:
    space = AtomSpace()
    parser = WrittenParser({text: found})
    told = (reader(ListTagger(), parser) if tagged else reader(parser=parser)).read(
        space, "story", text
    )
    return relations_of(space, told.sentences[0])


def test_links_and_relations_cite_what_they_are_read_from() -> None:
    space = AtomSpace()
    found = reader(ListTagger(), WrittenParser({SENTENCE: PARSE})).read(space, "story", SENTENCE)
    edge = relation("guard", "dragon", "gold")
    assert relations_of(space, found.sentences[0]) == [edge]
    assert space.value(edge, PROVENANCE) == Provenance("L2", 4, 22, 1.0, "written parser 1")
    ends = (Node("WordInstance", "story@4-10"), Node("WordInstance", "story@11-17"))
    link = Link("Edge", (Node("LinkGrammarRelation", "Ss*s"), Link("List", ends)))
    assert space.value(link, PROVENANCE) == Provenance("L2", 4, 17, 1.0, "written parser 1")


def test_a_relation_is_no_belief() -> None:
    space, _ = document("")
    reader(ListTagger(), WrittenParser({SENTENCE: PARSE})).read(space, "other", SENTENCE)
    assert set(space.values(relation("guard", "dragon", "gold"))) == {PROVENANCE}


def test_the_same_relation_twice_is_one_atom_with_two_places() -> None:
    space = AtomSpace()
    told = reader(ListTagger(), WrittenParser({SENTENCE: PARSE}))
    one = told.read(space, "one", SENTENCE)
    two = told.read(space, "two", SENTENCE)
    edge = relation("guard", "dragon", "gold")
    assert [relations_of(space, each.sentences[0]) for each in (one, two)] == [[edge], [edge]]
    assert len([link for link in space.incoming(edge) if link.type == "Reference"]) == 2


def test_without_a_tagger_words_stand_as_they_are_written() -> None:
    assert read(PARSE, tagged=False) == [relation("guards", "dragon", "gold")]


def test_negations_and_passives_are_in_the_predicate() -> None:
    negated = parse("He didn't.v sees.v it", "Ss 0 1 · I*d 1 2 · Ox 2 3")
    assert read(negated, "He didn't sees it") == [relation("not see", "he", "it")]
    passive = parse("Gold is.v stolen.v", "Ss 0 1 · Pv 1 2")
    assert read(passive, "Gold is stolen") == [relation("be stolen", "gold")]


def test_how_much_was_understood_is_the_confidence() -> None:
    space = AtomSpace()
    found = parse("The dragon.n guards.v gold.n-u", "Ss*s 1 2", unused=1)
    reader(ListTagger(), WrittenParser({SENTENCE: found})).read(space, "story", SENTENCE)
    cited = space.value(relation("guard", "dragon"), PROVENANCE)
    assert isinstance(cited, Provenance)
    assert cited.confidence == 0.75
    assert Parse((), (), 0).confidence == 0.0


def test_words_that_are_no_tokens_of_ours_make_nothing() -> None:
    walls = parse("LEFT-WALL.x dragon.n", "S 0 1 · O 1 0")
    assert read(walls, "x") == []


@given(st.text(st.sampled_from("ab .!?'\u2019\u201c\n\u00e9\U0001f600")))
@quick(60)
def test_every_atom_that_is_made_says_where_it_comes_from(text: str) -> None:
    space = AtomSpace()
    found = reader(ListTagger(), ChainParser()).read(space, "story", text)
    assert exact_text(space, found.document) == text
    for atom in space:
        cited = space.value(atom, PROVENANCE)
        assert isinstance(cited, Provenance), atom
        assert type(cited.layer) is str  # a plain one, so that every store and notation takes it
        assert cited.layer in found.layers
        assert 0 <= cited.start <= cited.end <= len(text)
        assert cited.tool.endswith(" 1")
