"""Writes ``docs/text_layers.md``: how good each layer of reading is, on sentences labelled by hand.

``python docs/make_text_layers.py`` measures and writes, ``--check`` exits 1 if the page is out of
date, ``--errors`` lists every difference. It needs lemminflect and link-grammar.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cognitive_architecture.atomspace import AtomSpace, Link, Node
from cognitive_architecture.atomspace.atoms import inside
from cognitive_architecture.atomspace.text import (
    Layer,
    MissingTool,
    TextReader,
    exact_text,
    reading_of,
    relations_of,
    token_spans,
)
from cognitive_architecture.capabilities.linguistics import text_reader

TARGET: Final = Path(__file__).with_name("text_layers.md")
LABELS: Final = (
    Path(__file__).parents[1] / "tests/unit/atomspace/text/labelled_sentences.txt"
)  # fmt: skip
SEEN_EVERY: Final = 3
"""Every so many sentences, from the first, were looked at while the rules were written."""
SEEN_TOO: Final = frozenset({"The window was broken by the boy."})

INTRODUCTION: Final = """# Layers of reading, and how good they are

*Made by `python docs/make_text_layers.py`; a test keeps it true.*

A text becomes atoms in layers. Each atom says which layer made it of which span, and with which
version of which tool.

| layer | what it finds | with |
|---|---|---|
| L0 | the exact text, its sentences and tokens | our own rules |
| L1 | lemma and part of speech of each token | lemminflect (MIT) and our rules |
| L2 | grammatical links; who does what to whom | link-grammar (LGPL-2.1) |
| L3 | relations read by a language model | a model behind the mesh; here is only the check |

L0 is always there. L1 needs `pip install 'cogmesh[text]'`. L2 needs a library of the system, which
is loaded if it is there (Debian: `liblink-grammar5`, `link-grammar-dictionaries-en`). What is
missing is left out, and what was read says so. Relations of L3 whose words are not in the span that
they cite are refused.

L0 gives the text back byte by byte. From relations a plain sentence can be made (`plain_sentence`),
but tense, articles, adjectives and whatever else no relation holds are lost.

A relation says what the text says, not what is so. Its predicate has `not` in front where the
clause denies it, but a question or an `if` leaves no trace in it, nor does `no` before a noun.
Confidences are ratings by rule (L1: one candidate 0.99, chosen among several 0.9, guessed 0.7; L2:
the share of words that the parser could link); they are not calibrated against the figures below.
"""

HOW: Final = """## What was measured, by whom, and what it is worth

{sentences} English sentences with {tokens} tokens and {relations} relations, written for this
project (`tests/unit/atomspace/text/labelled_sentences.txt`): narrative, dialogue, questions,
passives, ditransitives, relative clauses, conjunctions, names, numbers, Unicode punctuation.

Sentences and labels were written by one author, a language model working as an engineer on this
project, in one pass. Three of the sentences had been parsed before that, to learn what the parser
prints; the others no tool had seen. No label was changed afterwards. No second person has labelled
them, so there is no agreement to report. The same author then wrote the rules, and so knew all
sentences, if not what the tools make of them. The sentences are short and well-formed: **expect
less on real prose.**

*Seen* are every third sentence and one of the three: their parses were looked at while the rules
that turn links into relations were written. *Unseen* are the others. Neither tagger nor rules were
changed after they were first scored. One fault beside them was corrected since, found by a unit
test: sentences that cannot be parsed whole were not parsed at all.

Conventions: parts of speech as in Universal Dependencies; a token with something joined to it
(`didn't`, `queen's`) counts as its first part; object pronouns have the lemma of the subject form.
Relations: subject and verb, and each bare object (both of `gave Mary a book`); conjunctions are
told apart; a passive is turned round if its doer is named and is `be stolen` otherwise; `not`
stands in front of what `not`, `n't` and `never` deny; infinitives have the subject that controls
them; orders have no subject and no relation. A relation counts as found if all its words are right.
Token boundaries are those of our own tokenizer; they were not labelled by themselves.
"""


L0: Final = """
L0: {exact} of {texts} texts came back byte by byte. For lemmas and parts of speech every token gets
exactly one answer, so precision and recall are the same: the share that is right.
"""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sentence and what is right."""

    text: str
    words: tuple[tuple[str, str], ...]
    """Lemma and part of speech of each token."""
    relations: frozenset[str]
    is_seen: bool


@dataclass(frozen=True, slots=True)
class Score:
    """How much of what was found is right, and how much of what is right was found."""

    right: int
    found: int
    wanted: int

    @property
    def row(self) -> str:
        """Its cells: precision, recall, F1, and how many there are."""
        precision = self.right / self.found if self.found else 0.0
        recall = self.right / self.wanted if self.wanted else 0.0
        both = precision + recall
        f1 = 2 * precision * recall / both if both else 0.0
        return f"{precision:.3f} | {recall:.3f} | {f1:.3f} | {self.wanted}"


@dataclass(frozen=True, slots=True)
class Reading:
    """A labelled sentence and what the tools found in it."""

    label: Labelled
    words: tuple[tuple[str, str], ...]
    relations: frozenset[str]
    is_exact: bool


def labelled(lines: str) -> list[Labelled]:
    """The labelled sentences of a file."""
    blocks = [block.strip().split("\n") for block in lines.split("\n\n")]
    blocks = [block for block in blocks if not block[0].startswith("#")]
    return [
        Labelled(
            text,
            tuple((word.rpartition("/")[0], word.rpartition("/")[2]) for word in words.split(" ")),
            frozenset(relations),
            number % SEEN_EVERY == 0 or text in SEEN_TOO,
        )
        for number, (text, words, *relations) in enumerate(blocks)
    ]


def read(reader: TextReader, label: Labelled) -> Reading:
    """What the tools find in one sentence, each in a space of its own."""
    space = AtomSpace()
    found = reader.read(space, "text", label.text)
    words: list[tuple[str, str]] = []
    relations: set[str] = set()
    for sentence in found.sentences:
        for start, end in token_spans(space, sentence):
            instance = Node("WordInstance", f"text@{start}-{end}")
            words.append(reading_of(space, instance) or ("", ""))
        relations |= {_told(edge) for edge in relations_of(space, sentence)}
    is_exact = exact_text(space, found.document).encode() == label.text.encode()
    return Reading(label, tuple(words), frozenset(relations), is_exact)


def text(reader: TextReader) -> str:
    """The page."""
    readings = [read(reader, label) for label in labelled(LABELS.read_text("utf-8"))]
    labels = [reading.label for reading in readings]
    how = HOW.format(
        sentences=len(labels),
        tokens=sum(len(label.words) for label in labels),
        relations=sum(len(label.relations) for label in labels),
    )
    exact = sum(reading.is_exact for reading in readings)
    return "\n".join(
        [
            INTRODUCTION,
            how,
            f"Tools: {tools(reader)}.\n",
            "## Results\n",
            *_table(readings),
            L0.format(exact=exact, texts=len(readings)),
            "### Parts of speech, all sentences\n",
            *_parts_table(readings),
            "",
        ]
    )


def tools(reader: TextReader) -> str:
    """The tools of a reader, with their versions.

    Raises:
        SystemExit: One is missing.
    """
    for tool in (reader.tagger, reader.parser):
        if isinstance(tool, MissingTool):
            raise SystemExit(tool.sentence)
    return "; ".join(
        tool.tool for tool in (reader.tagger, reader.parser) if not isinstance(tool, MissingTool)
    )


def _table(readings: Sequence[Reading]) -> list[str]:
    unseen = [reading for reading in readings if not reading.label.is_seen]
    seen = [reading for reading in readings if reading.label.is_seen]
    rows = [
        "| layer | what | sentences | precision | recall | F1 | of |",
        "|---|---|---|---|---|---|---|",
    ]
    for layer, what, scored in (
        (Layer.WORDS, "lemma", _lemmas),
        (Layer.WORDS, "part of speech", _parts),
        (Layer.GRAMMAR, "relations", _relations),
    ):
        for name, some in (("unseen", unseen), ("seen", seen), ("all", readings)):
            rows.append(f"| {layer} | {what} | {len(some)} {name} | {scored(some).row} |")
    return rows


def _parts_table(readings: Sequence[Reading]) -> list[str]:
    wanted = Counter(part for reading in readings for _, part in reading.label.words)
    found = Counter(part for reading in readings for _, part in reading.words)
    right = Counter(
        part for reading in readings for (_, part), (_, other) in _pairs(reading) if part == other
    )
    rows = ["| part of speech | precision | recall | F1 | of |", "|---|---|---|---|---|"]
    for part, count in wanted.most_common():
        rows.append(f"| {part} | {Score(right[part], found[part], count).row} |")
    return rows


Pairs = Iterable[tuple[tuple[str, str], tuple[str, str]]]


def _pairs(reading: Reading) -> Pairs:
    return zip(reading.label.words, reading.words, strict=True)


def _lemmas(readings: Sequence[Reading]) -> Score:
    right = sum(one[0] == other[0] for reading in readings for one, other in _pairs(reading))
    total = sum(len(reading.words) for reading in readings)
    return Score(right, total, total)


def _parts(readings: Sequence[Reading]) -> Score:
    right = sum(one[1] == other[1] for reading in readings for one, other in _pairs(reading))
    total = sum(len(reading.words) for reading in readings)
    return Score(right, total, total)


def _relations(readings: Sequence[Reading]) -> Score:
    return Score(
        sum(len(reading.relations & reading.label.relations) for reading in readings),
        sum(len(reading.relations) for reading in readings),
        sum(len(reading.label.relations) for reading in readings),
    )


def _told(edge: Link) -> str:
    """A relation as the labels write it."""
    verb, subject, *objects = [atom.name for atom in inside(edge) if isinstance(atom, Node)]
    return " ".join([subject, verb.replace(" ", "+"), *(objects or ["-"])])


def errors(reader: TextReader) -> list[str]:
    """Every difference, a line each."""
    found: list[str] = []
    for label in labelled(LABELS.read_text("utf-8")):
        reading = read(reader, label)
        found += [
            f"{label.text}: {'/'.join(wanted)}, not {'/'.join(got)}"
            for wanted, got in _pairs(reading)
            if wanted != got
        ]
        found += [f"{label.text}: missed {one}" for one in label.relations - reading.relations]
        found += [f"{label.text}: made up {one}" for one in reading.relations - label.relations]
    return found


def main() -> None:
    """Write, check or list."""
    reader = text_reader()
    tools(reader)
    if "--errors" in sys.argv:
        sys.stdout.write("\n".join(sorted(errors(reader))) + "\n")
    elif "--check" in sys.argv:
        sys.exit(TARGET.read_text("utf-8") != text(reader))
    else:
        TARGET.write_text(text(reader), "utf-8")


if __name__ == "__main__":
    main()
