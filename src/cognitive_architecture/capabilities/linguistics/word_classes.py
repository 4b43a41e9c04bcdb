"""Words that carry grammar: what each may be, and of which word it is a form.

The parts of speech are those of Universal Dependencies (universaldependencies.org, "Universal POS
tags"). ``PRON$`` is ours: a possessive pronoun before its noun, which stands where articles do; it
becomes ``PRON`` in what is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cognitive_architecture.capabilities.language.word_lists import PREPOSITIONS

POSSESSIVE: Final = "PRON$"

# Words may be what they stand beside, the likeliest first.
_CLASSES: Final = {
    "DET": "a an the every",
    "DET PRON": "this these those some any all both each either neither another such",
    "DET INTJ": "no",
    "PRON DET": "what which whatever whichever",
    "SCONJ PRON DET": "that",
    "PRON": (
        "i me mine myself we us ours ourselves you yours yourself yourselves he him himself she "
        "hers herself it itself they them theirs themselves one's oneself who whom whoever someone "
        "somebody something anyone anybody anything everyone everybody everything nobody nothing "
        "none"
    ),
    "PRON ADV": "there",
    "PRON$": "my our your its their whose",
    "PRON$ PRON": "his her",
    "AUX": "am is are was were be been being can could may might must shall should will would",
    "AUX VERB": "have has had having do does did",
    "VERB": "doing done having",
    "NUM PRON": "one",
    "NUM": (
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety "
        "hundred thousand million billion"
    ),
    "CCONJ": "and or nor",
    "CCONJ ADP": "but",
    "CCONJ ADV": "yet",
    "SCONJ": "if because although though unless whether while whereas",
    "SCONJ ADV": "so",
    "ADP SCONJ": "as than since until till after before",
    "ADV": (
        "when where why how never always often sometimes then now here very too also just only "
        "even still already again ever quite rather almost perhaps maybe soon later ago away "
        "twice once"
    ),
    "ADP ADV": "down up over off out about around above across along below in on through under",
    "ADP VERB": "like",
    "PART": "not",
    "PART ADP": "to",
    "INTJ": "yes please oh ah hello hi okay ok hey thanks alas",
    "ADJ": "many few several own other much more most",
}
_NOT_PREPOSITIONS: Final = frozenset({"opposite", "past", "round", "outside", "inside"})

_LEMMAS: Final = {
    "AUX": {
        "be": "am is are was were been being", "have": "has had having", "do": "does did",
    },
    "VERB": {"have": "has had having", "do": "does did doing done"},
    "PRON": {
        "I": "i me", "we": "us", "he": "him", "they": "them", "who": "whom",
    },
    "DET": {"a": "an"},
}  # fmt: skip

IRREGULAR_NEGATIONS: Final = {"can't": "can", "won't": "will", "shan't": "shall", "ain't": "be"}


def _classes() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    found |= dict.fromkeys(PREPOSITIONS - _NOT_PREPOSITIONS, ("ADP",))
    for parts, words in _CLASSES.items():
        found |= dict.fromkeys(words.split(), tuple(parts.split()))
    return found


CLOSED: Final = _classes()
"""By word in lower case, what it may be."""

CLOSED_LEMMAS: Final = {
    (form, part): lemma
    for part, lemmas in _LEMMAS.items()
    for lemma, forms in lemmas.items()
    for form in forms.split()
}
"""By word and part of speech, where the lemma is another word."""
