from __future__ import annotations

import pytest
from hypothesis import given

from cognitive_architecture.capabilities.language.syllables import syllables

from .texts import ANY_TEXT

BY_COUNT = {
    1: "the cat walked names hour eye eyes whole smile called curled played stayed strength "
    "through though tried thief friend priest school blue true league build guide fruit "
    "house queen quick guard shoe toe goes does pier can't won't don't I'm they'll she'd "
    "it's you've aren't where",
    2: "table little castle settled handled wanted needed houses places pages boxes lovely "
    "careful hopeless movement statement something somewhere sometimes therefore maybe "
    "people business every evening being going seeing trying playing lion giant trial quiet "
    "diet science client poem poet create react special social partial ocean million onion "
    "region cushion pigeon prism rhythm isn't didn't couldn't could've it'll James's "
    "church's hundred beyond mayor royal fluid ruin cruel nation station anxious ancient "
    "patient soldier language frequent persuade virtue value argue window yellow city "
    "lantern morning water silent enough never likely awesome",
    3: "radio period idiot curious serious various obvious piano dial's-it radical religion "
    "opinion companion champion video theater area idea stereo meteor actual usual gradual "
    "casual influence continue arguing happier easier happiest barrier completely agreement "
    "element recipe everything everyone family musician efficient audience however wherever "
    "forever alien suicide believing whispering beautiful animal hospital remember together "
    "telephone grandfather",
    4: "society variety anxiety experience material ingredient convenient superior everybody "
    "apostrophe catastrophe vegetable reliable January ambiguous continuous education "
    "information mysterious necessary community intelligence",
    5: "university communication opportunity imagination immediately hereditary",
}
PAIRS = [(word, count) for count, words in BY_COUNT.items() for word in words.split()]


@pytest.mark.parametrize(("word", "count"), PAIRS)
def test_common_words(word: str, count: int) -> None:
    assert syllables(word) == count


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("well-known", 2),
        ("U.S.", 2),
        ("BBC", 3),
        ("WWW", 9),
        ("caf\u00e9", 2),
        ("cafe\u0301", 2),
        ("1999", 4),
        ("123456789", 5),
        ("don\u2019t", 1),
        ("\u4eca", 1),
        ("...", 0),
        ("", 0),
    ],
)
def test_special_forms(word: str, count: int) -> None:
    assert syllables(word) == count


@given(ANY_TEXT)
def test_anything_with_a_letter_has_a_syllable(text: str) -> None:
    assert syllables(text) >= any(char.isalpha() for char in text)
