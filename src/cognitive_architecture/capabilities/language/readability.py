"""Six published formulas for how hard a text is to read.

Each is a function of plain numbers, with its source. They were made for English prose of a
hundred words and more; below that they say little. A text without a word has no readability:
every score is then ``None``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from cognitive_architecture.capabilities.language.counts import Measures


@dataclass(frozen=True, slots=True)
class Readability:
    """The scores of one text; all but the first are United States school grades."""

    flesch_reading_ease: float | None
    """About 0 to 100; higher is easier, 60 to 70 is plain English."""
    flesch_kincaid_grade: float | None
    gunning_fog: float | None
    automated_readability_index: float | None
    coleman_liau_index: float | None
    smog_grade: float | None


NO_READABILITY = Readability(None, None, None, None, None, None)
"""What a text without words gets."""


def readability(found: Measures) -> Readability:
    """Score a text by all six formulas."""
    if not (found.words and found.sentences):
        return NO_READABILITY
    words_per_sentence = found.words / found.sentences
    syllables_per_word = found.syllables / found.words
    return Readability(
        flesch_reading_ease=flesch_reading_ease(words_per_sentence, syllables_per_word),
        flesch_kincaid_grade=flesch_kincaid_grade(words_per_sentence, syllables_per_word),
        gunning_fog=gunning_fog(words_per_sentence, found.complex_words / found.words),
        automated_readability_index=automated_readability_index(
            found.letters / found.words, words_per_sentence
        ),
        coleman_liau_index=coleman_liau_index(
            100 * found.letters / found.words, 100 * found.sentences / found.words
        ),
        smog_grade=smog_grade(found.polysyllables, found.sentences),
    )


def flesch_reading_ease(words_per_sentence: float, syllables_per_word: float) -> float:
    """Flesch's reading ease.

    Source: Flesch, "A New Readability Yardstick", Journal of Applied Psychology 32 (1948).
    """
    return 206.835 - 1.015 * words_per_sentence - 84.6 * syllables_per_word


def flesch_kincaid_grade(words_per_sentence: float, syllables_per_word: float) -> float:
    """The same two numbers as a school grade.

    Source: Kincaid, Fishburne, Rogers and Chissom, "Derivation of New Readability Formulas ... for
    Navy Enlisted Personnel", Research Branch Report 8-75 (1975).
    """
    return 0.39 * words_per_sentence + 11.8 * syllables_per_word - 15.59


def gunning_fog(words_per_sentence: float, complex_share: float) -> float:
    """Gunning's fog index.

    Args:
        words_per_sentence: Mean.
        complex_share: Share of words that are complex, 0 to 1.

    Source: Gunning, "The Technique of Clear Writing" (1952).
    """
    return 0.4 * (words_per_sentence + 100 * complex_share)


def automated_readability_index(letters_per_word: float, words_per_sentence: float) -> float:
    """The automated readability index (ARI).

    Source: Senter and Smith, "Automated Readability Index", AMRL-TR-66-220 (1967). We differ: they
    round up to a whole grade.
    """
    return 4.71 * letters_per_word + 0.5 * words_per_sentence - 21.43


def coleman_liau_index(letters_per_100_words: float, sentences_per_100_words: float) -> float:
    """The Coleman-Liau index.

    Source: Coleman and Liau, "A Computer Readability Formula Designed for Machine Scoring",
    Journal of Applied Psychology 60 (1975).
    """
    return 0.0588 * letters_per_100_words - 0.296 * sentences_per_100_words - 15.8


def smog_grade(polysyllables: int, sentences: int) -> float:
    """McLaughlin's SMOG grade.

    Source: McLaughlin, "SMOG Grading: A New Readability Formula", Journal of Reading 12 (1969). He
    samples 30 sentences; with any other number we scale to 30, and below 30 the grade is rough.
    """
    return 1.0430 * math.sqrt(polysyllables * 30 / sentences) + 3.1291
