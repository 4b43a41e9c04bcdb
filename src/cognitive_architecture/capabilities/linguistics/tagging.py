"""Parts of speech by a dictionary and by neighbours: a tagger of rules, without a trained model.

Every token may be one or more things: words of grammar by a list (:mod:`.word_classes`), others by
a dictionary (:mod:`.lemmas`). Of all ways to read the sentence the one is taken whose neighbours
fit best (Viterbi's algorithm), by a table of how well one thing follows another. The table was set
by hand, so it needs no corpus, whose licence we would have to carry; how good it is stands in
``docs/text_layers.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cognitive_architecture.atomspace.text import MissingTool, TaggedWord, Tagger
from cognitive_architecture.capabilities.language.tokens import (
    TokenKind,
    folded,
    is_capitalised,
    tokens,
)
from cognitive_architecture.capabilities.linguistics.lemmas import Dictionary, english
from cognitive_architecture.capabilities.linguistics.word_classes import (
    CLOSED,
    CLOSED_LEMMAS,
    IRREGULAR_NEGATIONS,
    POSSESSIVE,
)

_VERSION: Final = "1"
_START: Final = "^"
_UNLIKELY: Final = -4.0

# After the part of speech on the left, how well each other follows; what is not named is unlikely.
_FOLLOWS: Final = {
    _START: "DET 0 PRON 0 PRON$ -.3 PUNCT 0 PROPN -.5 NOUN -.7 ADP -.7 ADV -.6 SCONJ -.5 INTJ -.5 "
    "ADJ -1 NUM -1 CCONJ -1 AUX -1 VERB -1.7 PART -2 SYM -2",
    "DET": "NOUN 0 ADJ -.3 NUM -.7 PROPN -1 ADV -2 DET -3 AUX -3 PUNCT -3 ADP -3",
    POSSESSIVE: "NOUN 0 ADJ -.3 NUM -.7 PROPN -1 ADV -3",
    "ADJ": "NOUN 0 PUNCT -.7 ADJ -1 CCONJ -1 ADP -1 PROPN -1.5 SCONJ -1.5 PART -1.2 ADV -2 NUM -2 "
    "AUX -2.5 VERB -3",
    "NOUN": "PUNCT -.3 ADP -.4 VERB -.6 AUX -.6 CCONJ -1 ADV -1 PRON -1 PART -1 SCONJ -1 NOUN -1.6 "
    "PROPN -2 NUM -2.5 DET -2.5 PRON$ -2.5 ADJ -2.5 SYM -2",
    "PROPN": "PUNCT -.3 VERB -.5 AUX -.6 PROPN -.6 ADP -.7 CCONJ -.9 NOUN -1.2 ADV -1.2 PART -1.5 "
    "NUM -1.5 SCONJ -1.5 PRON -2 ADJ -2.5 DET -3",
    "PRON": "VERB -.3 AUX -.3 PUNCT -.6 ADP -.8 ADV -.8 DET -1 PRON -1 PROPN -1 PRON$ -1 PART -1 "
    "CCONJ -1.2 SCONJ -1.2 ADJ -1.3 NOUN -1.5 NUM -1.7",
    "VERB": "DET 0 PRON -.3 PRON$ -.3 PUNCT -.4 ADP -.4 ADV -.5 PART -.6 PROPN -.6 NUM -.7 "
    "NOUN -.8 ADJ -.9 SCONJ -.9 CCONJ -.9 VERB -2.5 AUX -3",
    "AUX": "VERB 0 PART -.3 DET -.5 PRON -.5 PRON$ -.5 ADV -.5 ADJ -.6 AUX -.6 ADP -.8 PROPN -1 "
    "PUNCT -1 NUM -1.2 NOUN -1.3 SCONJ -2",
    "ADV": "PUNCT -.4 VERB -.4 ADJ -.5 ADP -.6 DET -.8 PRON -.8 PRON$ -.8 AUX -.8 ADV -.9 SCONJ -1 "
    "CCONJ -1.2 NUM -1.2 PROPN -1.3 PART -1.3 NOUN -1.8",
    "ADP": "DET 0 PRON$ -.2 PROPN -.4 NOUN -.5 PRON -.5 NUM -.5 ADJ -.7 ADP -1.3 PUNCT -1.2 "
    "VERB -2 ADV -2 CCONJ -2",
    "PART": "VERB 0 AUX -.4 ADV -1 ADJ -1.5 DET -1.5 PUNCT -2",
    "NUM": "NOUN 0 PUNCT -.5 NUM -.6 ADP -.6 PROPN -.7 CCONJ -.9 ADJ -.9 VERB -1.3 "
    "AUX -1.5 ADV -1.5",
    "CCONJ": "DET -.2 NOUN -.4 VERB -.4 PRON -.4 PRON$ -.4 PROPN -.4 ADJ -.6 ADV -.8 AUX -1 NUM -1 "
    "ADP -1 SCONJ -1.2",
    "SCONJ": "PRON 0 DET 0 PRON$ 0 PROPN -.3 NOUN -.4 NUM -1 ADJ -1 ADV -1.3 ADP -1.3 VERB -2",
    "INTJ": "PUNCT 0 VERB -.3 PRON -.7 DET -1 PROPN -1 INTJ -1",
    "PUNCT": "PUNCT -.2 DET -.3 PRON -.3 PRON$ -.5 CCONJ -.3 PROPN -.6 NOUN -.6 VERB -.6 SCONJ -.6 "
    "ADV -.6 ADP -.6 ADJ -.9 AUX -.9 NUM -.9 INTJ -.6 PART -1.5 SYM -1 X -1",
    "SYM": "NUM 0 NOUN -1 PUNCT -.5 PROPN -1 ADP -1",
    "X": "PUNCT -.3 VERB -.7 AUX -.7 ADP -.7 NOUN -1 CCONJ -1",
}  # fmt: skip


def _table() -> dict[str, dict[str, float]]:
    table: dict[str, dict[str, float]] = {}
    for left, row in _FOLLOWS.items():
        words = row.split()
        table[left] = dict(zip(words[::2], map(float, words[1::2]), strict=True))
    return table


_FITS: Final = _table()
_LESS_LIKELY: Final = 0.5
"""What each further candidate of a word of grammar loses against the one before it."""
_SURE: Final = 0.99
_CHOSEN: Final = 0.9
_GUESSED: Final = 0.7


def rule_tagger() -> Tagger | MissingTool:
    """The tagger, if its dictionary is installed."""
    dictionary = english()
    return dictionary if isinstance(dictionary, MissingTool) else RuleTagger(dictionary)


@dataclass(frozen=True, slots=True)
class _Candidate:
    part: str
    score: float
    is_known: bool = True


class RuleTagger:
    """Tags English sentences.

    Args:
        dictionary: What words may be.
    """

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary

    @property
    def tool(self) -> str:
        """Name and version of the rules and of the dictionary."""
        return f"cogmesh tagging {_VERSION} with {self._dictionary.tool}"

    def tag(self, words: Sequence[str]) -> list[TaggedWord]:
        """What each token of one sentence is."""
        candidates = self._sentence_candidates(words)
        tags: list[TaggedWord] = []
        for word, chosen, choice in zip(words, _best_path(candidates), candidates, strict=True):
            sure = _SURE if len(choice) == 1 else _CHOSEN
            part = "PRON" if chosen.part == POSSESSIVE else chosen.part
            confidence = sure if chosen.is_known else _GUESSED
            tags.append(TaggedWord(self.lemma(word, part), part, confidence))
        return tags

    def lemma(self, word: str, part_of_speech: str) -> str:
        """The dictionary form of a word that is known to be of a part of speech."""
        stem = _stem(word)
        if part_of_speech == "PROPN":
            return stem
        plain = folded(stem)
        closed = CLOSED_LEMMAS.get((plain, part_of_speech))
        return closed or self._dictionary.lemma(plain, part_of_speech)

    def _sentence_candidates(self, words: Sequence[str]) -> list[list[_Candidate]]:
        found: list[list[_Candidate]] = []
        is_first = True
        for word in words:
            found.append(self._candidates(word, is_first=is_first))
            # After an opening mark the sentence has still to begin.
            is_first = is_first and found[-1][0].part == "PUNCT"
        return found

    def _candidates(self, word: str, *, is_first: bool) -> list[_Candidate]:
        """What a token may be, by itself."""
        part = _by_kind(word)
        if part is not None:
            return [_Candidate(part, 0.0)]
        stem = _stem(word)
        plain = folded(stem)
        is_name = is_capitalised(stem) and not is_first
        closed = CLOSED.get(plain)
        if closed is not None and (not is_name or stem == "I"):
            return [_Candidate(part, -_LESS_LIKELY * at) for at, part in enumerate(closed)]
        if is_name:
            return [_Candidate("PROPN", 0.0)]
        known = sorted(self._dictionary.parts_of_speech(plain))
        if known:
            named = [_Candidate("PROPN", -2.0)] if is_capitalised(stem) else []
            return [_Candidate(part, 0.0) for part in known] + named
        if is_capitalised(stem):
            return [_Candidate("PROPN", 0.0), _Candidate("NOUN", -1.0, is_known=False)]
        return [_Candidate(part, 0.0, is_known=False) for part in _by_ending(plain)]


def _by_kind(word: str) -> str | None:
    """The part of speech of what is no word."""
    found = tokens(word)
    kind = found[0].kind if len(found) == 1 else TokenKind.WORD
    return {
        TokenKind.PUNCTUATION: "PUNCT",
        TokenKind.NUMBER: "NUM",
        TokenKind.SYMBOL: "SYM",
        TokenKind.ADDRESS: "X",
    }.get(kind)


def _by_ending(word: str) -> tuple[str, ...]:
    """What a word may be that no dictionary knows."""
    if word.endswith("ly"):
        return ("ADV",)
    if word.endswith(("ing", "ed")):
        return ("VERB", "ADJ")
    if word.endswith(("ous", "ful", "less", "able", "ible", "ish", "ic")):
        return ("ADJ",)
    return ("NOUN",)


def _stem(word: str) -> str:
    """A token without what is joined to it: ``Mara's``, ``I'll``, ``didn't``."""
    plain = word.replace("\u2019", "'")
    irregular = IRREGULAR_NEGATIONS.get(plain.casefold())
    if irregular is not None:
        return irregular
    if plain.casefold().endswith("n't"):
        return plain[:-3]
    head, apostrophe, _ = plain.rpartition("'")
    return head if apostrophe and head else plain


def _best_path(sentence: Sequence[Sequence[_Candidate]]) -> list[_Candidate]:
    """One candidate of each token, so that neighbours fit best; of equals the first."""
    best: list[tuple[float, int]] = []
    back: list[list[int]] = []
    for at, choice in enumerate(sentence):
        row: list[tuple[float, int]] = []
        for candidate in choice:
            if at == 0:
                row.append((_FITS[_START].get(candidate.part, _UNLIKELY) + candidate.score, 0))
                continue
            ways = [
                (score + _FITS[left.part].get(candidate.part, _UNLIKELY), -place)
                for place, (left, (score, _)) in enumerate(zip(sentence[at - 1], best, strict=True))
            ]
            score, place = max(ways)
            row.append((score + candidate.score, -place))
        best = row
        back.append([place for _, place in row])
    if not best:
        return []
    at = max(range(len(best)), key=lambda place: (best[place][0], -place))
    path = [at]
    for row_back in reversed(back[1:]):
        path.append(row_back[path[-1]])
    return [choice[place] for choice, place in zip(sentence, reversed(path), strict=True)]
