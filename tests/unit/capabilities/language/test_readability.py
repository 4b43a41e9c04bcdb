"""Each formula is held to its paper with the arithmetic written out."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings

from cognitive_architecture.capabilities.language.counts import Measures, measures
from cognitive_architecture.capabilities.language.documents import read_document
from cognitive_architecture.capabilities.language.readability import (
    NO_READABILITY,
    automated_readability_index,
    coleman_liau_index,
    flesch_kincaid_grade,
    flesch_reading_ease,
    gunning_fog,
    readability,
    smog_grade,
)

from .texts import ANY_TEXT


def test_flesch_reading_ease_of_the_easiest_prose() -> None:
    # "The cat sat on the mat.": 6 words in 1 sentence, 6 syllables.
    assert flesch_reading_ease(6 / 1, 6 / 6) == pytest.approx(206.835 - 6.09 - 84.6)


def test_flesch_reading_ease_of_plain_english_is_between_60_and_70() -> None:
    # Flesch (1948): "standard" prose has 17 words a sentence and 1.47 syllables a word.
    assert 60 < flesch_reading_ease(17, 1.47) < 70


def test_flesch_kincaid_grade() -> None:
    # 0.39 * 6 + 11.8 * 1 - 15.59 = 2.34 + 11.8 - 15.59
    assert flesch_kincaid_grade(6, 1) == pytest.approx(-1.45)
    # 0.39 * 20 + 11.8 * 1.5 - 15.59 = 7.8 + 17.7 - 15.59
    assert flesch_kincaid_grade(20, 1.5) == pytest.approx(9.91)


def test_gunning_fog() -> None:
    # 20 words a sentence, 10 % complex: 0.4 * (20 + 10)
    assert gunning_fog(20, 0.10) == pytest.approx(12.0)


def test_automated_readability_index() -> None:
    # 4.71 * 4.5 + 0.5 * 20 - 21.43 = 21.195 + 10 - 21.43
    assert automated_readability_index(4.5, 20) == pytest.approx(9.765)


def test_coleman_liau_index() -> None:
    # 0.0588 * 537 - 0.296 * 4.2 - 15.8 = 31.5756 - 1.2432 - 15.8
    assert coleman_liau_index(537, 4.2) == pytest.approx(14.5324)


def test_smog_grade_of_thirty_sentences() -> None:
    # 100 polysyllables in 30 sentences: 1.0430 * 10 + 3.1291
    assert smog_grade(100, 30) == pytest.approx(13.5591)


def test_smog_grade_scales_other_samples_to_thirty_sentences() -> None:
    assert smog_grade(50, 15) == pytest.approx(smog_grade(100, 30))
    assert smog_grade(0, 5) == pytest.approx(3.1291)


def test_all_scores_come_from_the_measures() -> None:
    found = readability(
        Measures(
            letters=450, words=100, sentences=5, syllables=150, polysyllables=12, complex_words=10
        )
    )
    assert found.flesch_reading_ease == pytest.approx(206.835 - 1.015 * 20 - 84.6 * 1.5)
    assert found.flesch_kincaid_grade == pytest.approx(0.39 * 20 + 11.8 * 1.5 - 15.59)
    assert found.gunning_fog == pytest.approx(0.4 * (20 + 10))
    assert found.automated_readability_index == pytest.approx(4.71 * 4.5 + 0.5 * 20 - 21.43)
    assert found.coleman_liau_index == pytest.approx(0.0588 * 450 - 0.296 * 5 - 15.8)
    assert found.smog_grade == pytest.approx(1.0430 * math.sqrt(12 * 30 / 5) + 3.1291)


def test_a_text_without_words_has_no_readability() -> None:
    assert readability(measures(read_document(""))) is NO_READABILITY
    assert readability(measures(read_document("... !"))) is NO_READABILITY


@given(ANY_TEXT)
@settings(deadline=None)
def test_every_score_is_a_finite_number_or_none(text: str) -> None:
    found = readability(measures(read_document(text)))
    scores = [
        found.flesch_reading_ease,
        found.flesch_kincaid_grade,
        found.gunning_fog,
        found.automated_readability_index,
        found.coleman_liau_index,
        found.smog_grade,
    ]
    assert all(score is None or math.isfinite(score) for score in scores)
