from __future__ import annotations

import pytest
from hypothesis import given, settings

from cognitive_architecture.capabilities.language.documents import read_document
from cognitive_architecture.capabilities.language.keywords import Keyword, keywords

from .texts import ANY_TEXT

DESCENT = """
Gradient descent is an algorithm for finding a minimum of a function. The idea is to take repeated
steps against the gradient of the function, because this is the direction of steepest descent. In
machine learning, gradient descent is used to minimize a loss. Stochastic gradient descent replaces
the gradient by an estimate. The learning rate controls the step size: if the learning rate is too
large, the algorithm may diverge.
"""


def found(text: str, keywords_max: int = 10) -> list[str]:
    return [keyword.text for keyword in keywords(read_document(text), keywords_max=keywords_max)]


def test_the_topic_of_a_text_comes_first() -> None:
    best = [word.lower() for word in found(DESCENT)]
    assert best[0] == "gradient descent"
    assert "learning rate" in best[:5]


def test_what_echoes_a_better_keyword_is_left_out() -> None:
    chosen = [word.lower() for word in found(DESCENT, 50)]
    assert "gradient" not in chosen
    assert "descent" not in chosen


def test_stop_words_titles_days_and_verbs_of_speech_are_no_keywords() -> None:
    chosen = found("Mr. Pym said it. On Tuesday, he said, the lamp is lit. The lamp!")
    assert sorted(chosen) == ["Pym", "lamp", "lit"]


def test_a_plural_counts_with_its_singular_where_both_occur() -> None:
    chosen = keywords(read_document("A lamp was lit. Two lamps fell. All our lamps were sold."))
    assert ("lamps", 3) in [(keyword.text, keyword.count) for keyword in chosen]


def test_a_possessive_counts_with_its_owner() -> None:
    chosen = keywords(read_document("We saw Mara. We saw Mara's lamp."))
    assert Keyword("Mara", chosen[0].score, 2) == chosen[0]


def test_a_phrase_does_not_cross_marks_or_mix_names_with_other_words() -> None:
    chosen = found("They met chief executive Helena Strand, engineer, and the board.", 50)
    assert "executive Helena Strand" not in chosen
    assert "Strand engineer" not in chosen
    assert "Helena Strand" in chosen


def test_no_text_has_no_keywords() -> None:
    assert found("") == []
    assert found("the and of 12 ...") == []


def test_fewer_are_the_first_of_more() -> None:
    assert found(DESCENT, 3) == found(DESCENT, 30)[:3]


@pytest.mark.parametrize("keywords_max", [1, 5])
@given(text=ANY_TEXT)
@settings(deadline=None, max_examples=60)
def test_scores_fall_from_one_to_zero(text: str, keywords_max: int) -> None:
    chosen = keywords(read_document(text), keywords_max=keywords_max)
    scores = [keyword.score for keyword in chosen]
    assert len(chosen) <= keywords_max
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 < score <= 1.0 for score in scores)
    assert all(keyword.count >= 1 and keyword.text for keyword in chosen)
