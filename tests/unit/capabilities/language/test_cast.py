from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.capabilities.language.cast import (
    Appearance,
    Cast,
    Gender,
    cast_of,
    key_of,
    pronoun_votes,
)


def cast(*spellings: str, characters: tuple[str, ...] = ()) -> Cast:
    return cast_of([Appearance(key_of(name), name) for name in spellings], {}, characters)


def called(found: Cast, spelling: str) -> str:
    return found.name_by_key[key_of(spelling)]


def test_a_single_name_is_the_one_fuller_name_that_has_it() -> None:
    found = cast("Mr. Pym", "Ewart Pym", "Pym", "Ewart")
    assert {called(found, name) for name in ("Mr. Pym", "Pym", "Ewart")} == {"Ewart Pym"}


def test_a_surname_of_two_is_neither() -> None:
    found = cast("Abel Skeat", "Dorcas Skeat", "Skeat")
    assert called(found, "Skeat") == "Skeat"


def test_a_title_tells_which_bearer_of_a_surname_is_meant() -> None:
    found = cast("Abel Skeat", "Dorcas Skeat", "Mr. Skeat", "Miss Skeat")
    assert called(found, "Mr. Skeat") == "Abel Skeat"
    assert called(found, "Miss Skeat") == "Dorcas Skeat"


def test_two_titles_of_different_gender_are_two_persons() -> None:
    found = cast("Mr. Voss", "Mrs. Voss", "Voss")
    assert len({called(found, name) for name in ("Mr. Voss", "Mrs. Voss", "Voss")}) == 3


def test_a_title_alone_is_its_only_bearer() -> None:
    found = cast("Captain Truscott", "Captain")
    assert called(found, "Captain") == "Captain Truscott"
    assert found.name_by_title["captain"] == "Captain Truscott"


def test_doctor_is_the_same_title_as_dr() -> None:
    assert cast("Dr. Ormerod").name_by_title["doctor"] == "Dr. Ormerod"


def test_a_person_with_one_name_is_called_as_most_often() -> None:
    assert called(cast("Mrs. Oddy", "Mrs. Oddy", "Oddy"), "Oddy") == "Mrs. Oddy"
    assert called(cast("Hesper", "Hesper", "Old Hesper"), "Old Hesper") == "Hesper"


def test_a_listed_spelling_is_preferred_and_joins_its_parts() -> None:
    found = cast("Dorcas", "Miss Skeat", characters=("Dorcas SKEAT",))
    assert called(found, "Dorcas") == "Dorcas SKEAT"
    assert called(found, "Miss Skeat") == "Dorcas SKEAT"


def test_gender_comes_from_title_then_votes_then_given_name() -> None:
    names = [Appearance(key_of(name), name) for name in ("Mr. Robin", "Ann Lee", "Zorrin", "Quell")]
    votes = {
        key_of("Mr. Robin"): Counter({Gender.FEMININE: 9}),
        key_of("Ann Lee"): Counter({Gender.MASCULINE: 2}),
        key_of("Zorrin"): Counter({Gender.FEMININE: 1}),
        key_of("Quell"): Counter({Gender.FEMININE: 1, Gender.MASCULINE: 1}),
    }
    found = cast_of(names, votes)
    assert found.gender_by_name == {
        "Mr. Robin": Gender.MASCULINE,
        "Ann Lee": Gender.MASCULINE,
        "Zorrin": Gender.FEMININE,
    }


def test_what_somebody_is_told_to_be_gives_gender_and_a_second_name() -> None:
    hesper = Appearance(key_of("Hesper"), "Hesper")
    found = cast_of([hesper], {}, nouns=[("ferryman", key_of("Hesper"))])
    assert found.gender_by_name == {"Hesper": Gender.MASCULINE}
    assert found.name_by_title == {"ferryman": "Hesper"}


def test_votes_count_a_sentence_once_and_only_if_its_pronouns_agree() -> None:
    mara = key_of("Mara")
    votes = pronoun_votes(
        [
            (mara, ["lifted", "her", "lamp", "herself"]),
            (mara, ["saw", "him", "and", "her"]),
            (mara, ["left"]),
            (None, ["she"]),
        ]
    )
    assert votes == {mara: Counter({Gender.FEMININE: 1})}


@given(
    st.lists(
        st.lists(st.sampled_from(["Mr", "Dr", "Old", "Ann", "Bob", "Lee", "Voss"]), min_size=1).map(
            " ".join
        ),
        min_size=1,
        max_size=12,
    )
)
def test_every_written_name_means_a_person_who_is_called_by_a_written_name(
    spellings: list[str],
) -> None:
    found = cast(*spellings)
    assert set(found.name_by_key.values()) <= set(spellings)
    assert {key_of(spelling) for spelling in spellings} == set(found.name_by_key)
