"""Parses as link-grammar 5.12 prints them, links of no meaning for relations left out."""

from __future__ import annotations

import pytest

from cognitive_architecture.atomspace.text import Parse, clauses
from cognitive_architecture.atomspace.text.relations import bare
from tests.unit.atomspace.text.fakes import parse

EXAMPLES = [
    ("the dragon.n guards.v the gold.n-u", "Ss*s 1 2 · Ou 2 4", ["dragon guards gold"]),
    ("the leaves.n fell.v-d slowly", "Sp 1 2 · MVa 2 3", ["leaves fell"]),
    (
        "Mara.f gave.v-d John.m a sword.n",
        "Ss*s 0 1 · Osn 1 4 · Os*e 1 2",
        ["Mara gave John", "Mara gave sword"],
    ),
    ("she has.v eaten.v apples.n", "Ss 0 1 · PP 1 2 · Op 2 3", ["she eaten apples"]),
    ("can.v you hear.v bells.n", "I 0 2 · SIp 0 1 · Op 2 3", ["you hear bells"]),
    ("Anna.f didn\u2019t.v-d open.v it", "Ss*s 0 1 · I*d 1 2 · Ox 2 3", ["Anna not open it"]),
    ("he will.v not.e lend.v it", "Ss 0 1 · I 1 3 · N 1 2 · En 2 3 · Ox 3 4", ["he not lend it"]),
    ("I.p never.e saw.v-d it", "Sp*i 0 2 · E 1 2 · Ox 2 3", ["I not saw it"]),
    (
        "it was.v-d broken.v by boys.n",
        "Ss 0 1 · Pv 1 2 · MVp 2 3 · Jp 3 4",
        ["boys broken it"],
    ),
    ("it was.v-d stolen.v at night.n", "Ss 0 1 · Pa 1 2 · MVp 2 3 · Js 3 4", ["it was+stolen"]),
    ("he was.v-d singing.v", "Ss 0 1 · Pg*b 1 2", ["he singing"]),
    ("it is.v blue.a", "Ss 0 1 · Pa 1 2", ["it is"]),
    (
        "it had.v-d been.v built.v-d by men.p",
        "Ss 0 1 · PPf 1 2 · Pv 2 3 · MVp 3 4 · Jp 4 5",
        ["men built it"],
    ),
    (
        "brother.n and.j-n friend.n built.v-d it",
        "Spx 1 3 · SJls 0 1 · SJrs 1 2 · Ox 3 4",
        ["brother built it", "friend built it"],
    ),
    (
        "he planted.v-d roses.n ,.j tulips.n and.j-n lilies.n",
        "Ss 0 1 · Op 1 5 · SJlp 3 5 · SJlp 2 3 · SJrp 3 4 · SJrp 5 6",
        ["he planted roses", "he planted tulips", "he planted lilies"],
    ),
    (
        "storm.n hit.v-d towns.n and.j-v sank.v-d ships.n",
        "Ss*s 0 3 · VJlsi 1 3 · Os 1 2 · VJrsi 3 4 · Op 4 5",
        ["storm hit towns", "storm sank ships"],
    ),
    (
        "cooks.n washed.v-d and.j-v ate.v-d it",
        "Sp 0 2 · VJlsi 1 2 · VJrsi 2 3 · Ox 2 4",
        ["cooks washed it", "cooks ate it"],
    ),
    (
        "men.p who guard.v gates.n drink.v beer.n-u",
        "Sp 0 4 · Bp 0 2 · R 0 1 · RS 1 2 · Op 2 3 · Ou 4 5",
        ["men guard gates", "men drink beer"],
    ),
    (
        "bread.n that.j-r Anna.f baked.v-d smelled.v-d",
        "Ss 0 4 · Bs*d 0 3 · R 0 1 · Cr 1 2 · Ss*s 2 3",
        ["Anna baked bread", "bread smelled"],
    ),
    (
        "he tried.v-d to.r lift.v it",
        "Ss 0 1 · IV 1 3 · TO 1 2 · I*t 2 3 · Ox 3 4",
        ["he tried", "he lift it"],
    ),
    (
        "she asked.v-d him to.r go.v",
        "Ss 0 1 · Ox 1 2 · IV 1 4 · TO 1 3 · I*t 3 4",
        ["she asked him", "him go"],
    ),
    ("there.r is.v a snake.n", "SFst 0 1 · Ost 1 3", ["snake is"]),
    ("said.q-d Tom.m", "hSIsj 0 1", ["Tom said"]),
    ("yes no", "", []),
]


@pytest.mark.parametrize(("words", "links", "expected"), EXAMPLES, ids=lambda one: str(one)[:40])
def test_who_does_what(words: str, links: str, expected: list[str]) -> None:
    assert sorted(told(parse(words, links))) == sorted(expected)


def told(found: Parse) -> list[str]:
    names = [word.text.rpartition(".")[0] or word.text for word in found.words]
    return [
        " ".join(
            [
                names[clause.subject],
                *(["not"] if clause.is_negated else []),
                ("was+" if clause.is_passive else "") + names[clause.verb],
                *([] if clause.object is None else [names[clause.object]]),
            ]
        )
        for clause in clauses(found)
    ]


def test_links_in_a_circle_come_to_an_end() -> None:
    # No grammar makes them; a tool that misbehaves may.
    found = parse("a.v b.v c.j", "S 0 1 · I 1 0 · I 0 1 · VJl 1 2 · VJr 2 1 · SJl 0 0")
    assert isinstance(clauses(found), list)


def test_words_without_their_subscript() -> None:
    assert bare("Guards.v-d") == "guards"
    assert bare(".") == "."
    assert bare("didn\u2019t.v") == "didn\u2019t"
