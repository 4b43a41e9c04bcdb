from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.capabilities.language.turn_taking import (
    UNKNOWN,
    Attribution,
    Exchange,
    continued,
    next_turn,
    with_turns_taken,
)

NOBODY = Attribution(None, "tag after the quotation", 0.0)


def told(speaker: str) -> Attribution:
    return Attribution(speaker, "tag after the quotation", 1.0)


def exchange(
    paragraph: int,
    attribution: Attribution,
    *,
    called: str | None = None,
    goes_on: bool = False,
) -> Exchange:
    named = frozenset({called} if called else ())
    return Exchange(paragraph, (attribution,), called, named, goes_on)


def scene(pattern: str) -> list[Exchange]:
    """``A B ? -``: who speaks in each paragraph; ``-`` is narration."""
    return [
        exchange(paragraph, UNKNOWN if word == "?" else told(word))
        for paragraph, word in enumerate(pattern.split())
        if word != "-"
    ]


def filled(exchanges: list[Exchange]) -> str:
    found: list[Exchange] = []
    for one in exchanges:
        found.append(next_turn(found, one))
    return " ".join(one.speaker or "?" for one in with_turns_taken(found))


def test_turns_alternate_forwards() -> None:
    assert filled(scene("A B ? ? ?")) == "A B A B A"


def test_turns_alternate_backwards() -> None:
    assert filled(scene("? ? A B")) == "A B A B"


def test_the_other_of_two_speaks_beside_the_one() -> None:
    assert filled(scene("A ? - B")) == "A B B"


def test_one_speaker_alone_tells_nothing_of_the_other() -> None:
    assert filled(scene("A ?")) == "A ?"


def test_narration_ends_a_run() -> None:
    assert filled(scene("A B C - ?")) == "A B C ?"


def test_nobody_speaks_two_turns_in_a_row() -> None:
    assert filled(scene("A B ? A")) == "A B ? A"


def test_whoever_is_called_answers_rather_than_the_one_before() -> None:
    turns = [*scene("A B"), exchange(2, told("A"), called="C"), exchange(3, UNKNOWN)]
    assert filled(turns) == "A B A C"


def test_nobody_says_a_turn_that_names_himself() -> None:
    turns = [*scene("A B"), exchange(2, UNKNOWN, called="A")]
    assert filled(turns) == "A B ?"


def test_what_is_said_by_nobody_in_particular_is_not_guessed() -> None:
    turns = [*scene("A B"), exchange(2, NOBODY)]
    assert filled(turns) == "A B ?"


def test_a_speech_that_goes_on_has_its_first_speaker_and_is_no_turn() -> None:
    turns = [*scene("A B ?"), exchange(3, UNKNOWN, goes_on=True), exchange(4, UNKNOWN)]
    assert filled(turns) == "A B A A B"


def test_each_step_away_is_less_sure_and_a_third_speaker_more_so() -> None:
    def confidences(pattern: str) -> list[float]:
        found: list[Exchange] = []
        for one in scene(pattern):
            found.append(next_turn(found, one))
        return [one.confidence for one in found if one.confidence < 1.0]

    near, far = confidences("A B ? ?")
    assert far < near < 1.0
    (crowded,) = confidences("C A B ?")
    assert crowded < near


def test_continuing_the_unknown_is_unknown() -> None:
    assert continued(UNKNOWN) == UNKNOWN


@given(st.lists(st.sampled_from(["A", "B", "C", "?", "-"]), max_size=30))
def test_what_is_told_is_never_changed(words: list[str]) -> None:
    before = [word for word in words if word != "-"]
    after = filled(scene(" ".join(words))).split()
    assert len(after) == len(before)
    assert all(word in ("?", now) for word, now in zip(before, after, strict=True))
