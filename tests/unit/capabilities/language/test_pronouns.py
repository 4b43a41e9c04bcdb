from __future__ import annotations

from cognitive_architecture.capabilities.language.cast import Gender
from cognitive_architecture.capabilities.language.pronouns import Antecedent, Mention, Mentions

GENDERS = {"Mara": Gender.FEMININE, "Ann": Gender.FEMININE, "Tom": Gender.MASCULINE}


def mentions(*named: tuple[str, int]) -> Mentions:
    """Names with the sentences they stand in, one character apart."""
    found = Mentions(GENDERS)
    for at, (name, sentence) in enumerate(named):
        found.add(Mention(name, at, sentence))
    return found


def test_the_only_fitting_name_is_meant() -> None:
    found = mentions(("Mara", 0), ("Tom", 1))
    assert found.antecedent(Gender.FEMININE, at=10) == Antecedent("Mara", 0.85, "only fitting name")


def test_the_nearest_sentence_counts_and_in_it_the_first_name() -> None:
    found = mentions(("Mara", 0), ("Ann", 1), ("Mara", 1))
    assert found.antecedent(Gender.FEMININE, at=10) == Antecedent(
        "Ann", 0.75, "nearest fitting name"
    )


def test_known_gender_goes_before_unknown_gender_one_sentence_nearer() -> None:
    found = mentions(("Mara", 0), ("Zorrin", 1))
    nearest = found.antecedent(Gender.FEMININE, at=10)
    assert nearest is not None
    assert nearest.name == "Mara"


def test_unknown_gender_two_sentences_nearer_goes_first_and_is_learned() -> None:
    found = mentions(("Mara", 0), ("Zorrin", 2))
    nearest = found.antecedent(Gender.FEMININE, at=10)
    assert nearest == Antecedent("Zorrin", 0.55, "nearest name, of unknown gender")
    assert found.gender("Zorrin") is Gender.FEMININE
    assert found.antecedent(Gender.MASCULINE, at=10) is None


def test_whoever_spoke_last_gives_way_to_another_who_fits() -> None:
    found = mentions(("Mara", 0), ("Ann", 1))
    answer = found.antecedent(Gender.FEMININE, at=10, last_speaker="Ann")
    assert answer == Antecedent("Mara", 0.85, "only fitting name, not the one who just spoke")
    alone = mentions(("Ann", 1)).antecedent(Gender.FEMININE, at=10, last_speaker="Ann")
    assert alone is not None
    assert alone.name == "Ann"


def test_whoever_is_addressed_does_not_speak() -> None:
    found = mentions(("Mara", 0), ("Ann", 1))
    speaker = found.antecedent(Gender.FEMININE, at=10, addressed=("Ann",))
    assert speaker is not None
    assert speaker.name == "Mara"


def test_names_after_the_pronoun_or_far_above_do_not_count() -> None:
    assert mentions(("Mara", 0)).antecedent(Gender.FEMININE, at=0) is None
    assert mentions(("Mara", 0)).antecedent(Gender.FEMININE, at=100_000) is None


def test_a_noun_tells_its_gender() -> None:
    assert Mentions({}).gender("the old woman") is Gender.FEMININE
    assert Mentions({}).gender("her brother") is Gender.MASCULINE
    assert Mentions({}).gender("the inspector") is None
