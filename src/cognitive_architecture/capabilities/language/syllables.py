"""How many syllables an English word has, by its spelling.

1. A word of the exceptions below has what the exceptions say.
2. Parts joined by hyphens, and halves of a compound whose first half ends in a silent *e*
   (``some|times``), are counted apart.
3. Otherwise: the number of vowel groups (``a e i o u y``; *y* before a vowel is a consonant),
   less the silent endings (``-e``, ``-es``, ``-ed``, ``-ely``, ...), plus the vowels that stand
   together and are spoken apart (``di-al``, ``cre-ate``, ``be-ing``, ``pris-m``); at least one.
4. Contractions are the word they begin with and what their end adds (``did-n't``, ``it-'ll``).
5. Letters spoken one by one have a syllable each, *w* three: ``U.S.``, and capitals without a
   vowel (``BBC``). A number has one for each digit, at most five.

Accents are ignored, but an accented final *e* is spoken (``ca-fé``). Other scripts count one
syllable for each word.

The idea of adding and subtracting patterns is from Greg Fast's Lingua::EN::Syllable; the patterns
and the exceptions are ours.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from cognitive_architecture.capabilities.language.word_lists import words_of

_EXCEPTIONS: Final = {
    word: count
    for count, words in {
        1: "eye eyes clothes queue pier piers tier tiers priest priests heart hour hours our "
        "ours fire fires tire tires breathe whole ones once",
        2: "maybe people peoples business every evening evenings wednesday colonel soldier "
        "soldiers frontier cashier quiet lion lions poem poems poet poets naked wicked rugged "
        "crooked wretched sacred ragged being doing going science client ruin cruel fuel "
        "hundred hundreds karma acne daphne phoebe chloe zoe jesse aged ocean oceans cement "
        "liar riot riots jewel jewels leopard leopards yeoman rhythm rhythms create creates "
        "toward towards cafe cafes forehead agnes hades someone giant giants",
        3: "area areas idea ideas everyone everything element elements wherever whoever forever "
        "recipe recipes animal coyote karate simile however beloved businesses implement "
        "implements sesame museum museums created finale safari diamond diamonds koala oasis",
        4: "everybody catastrophe apostrophe hermione penelope vegetable experience reality "
        "january february",
        5: "hereditary",
    }.items()
    for word in words.split()
}

_SILENT: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"[^aeiouyl]e$|[aeiouy]le$|ll?e$(?<=[aeiouylr]le)|[aeiou][aeiou]?ye$",
        r"[^aeiouscgxzh]es$(?<![^aeiouylr]les)|(?<![cs])hes$",
        r"[^aeioutdy]ed$(?<![^aeioulrwy]led)(?<![dbgkt]red)|[aeo]yed$",
        r"[^aeiou]e(?:ly|ful|fully|less|lessly|ness|ment|ments|some)$",
        r"(?<!ar)[gq]ue[sd]?$",
    )
)
"""Each takes one syllable away."""

_APART: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<![ctsgl])ia(?!g)|lia(?:b|r$|nc|s$)",
        r"(?<![tscgxhln])io(?!ur?$|r$)|rior|rious|[dbvp]ious$",
        r"iu|ii",
        r"(?<![gp])eo(?!pl)(?!us$)|^geo",
        r"^(?:re)?crea(?![mks])|^rea(?:ct|l[im])|^thea",
        r"(?<![gq])ua(?!d)|(?<![gq])uen|uel$|uous|uing$|oing$|eing$|[^aeiou]ying$",
        r"ruin|fluid|ruid|suici|tuit|nuin|uity|uism",
        r"(?<![ctgs])ien(?:ce|t|c)|^scien|lien$|iet|[^aeiou]i(?:er|ers|est)$",
        r"^poe[tm]|heroi|stoi|^coinc|^coex|^coop",
        r"[aeou]y(?=[aeiou])(?!ed?$|es$)(?<!^ey)",
        r"isms?$|thms?$|^mc",
    )
)
"""Each adds one syllable."""

_COMPOUND: Final = re.compile(
    r"(?P<first>some|home|time|there|where|here|fire|life|like|safe|house|horse|white|fore|name|"
    r"care|shore|stone|wife|nine|store|grave|rope|smoke|lone|whole)"
    r"(?P<second>[^aeiouy][a-z]*[aeiouy][a-z]*)"
)
_VOWELS: Final = re.compile(r"[aeiouy]+")
_PARTS: Final = re.compile(r"[^\W\d_]+(?:['.\u2019][^\W\d_]+)*\.?|\d+")
_LETTERS_SPOKEN: Final = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]?")
_UNSTRESSED_NOT: Final = words_of("ca wo do sha are were ai may dare")
_DIGITS_MAX: Final = 5


def syllables(word: str) -> int:
    """The syllables of one word; at least 1 for anything with a letter or a digit, else 0."""
    return sum(_part(part[0]) for part in _PARTS.finditer(word))


def _part(part: str) -> int:
    if part.isdigit():
        return min(len(part), _DIGITS_MAX)
    if _LETTERS_SPOKEN.fullmatch(part):
        return _spelled(part)
    plain = part.rstrip(".").replace("\u2019", "'")
    stem, apostrophe, ending = plain.partition("'")
    if apostrophe:
        return _contraction(stem, ending)
    if plain.isupper() and len(plain) > 1 and not _VOWELS.search(plain.lower()):
        return _spelled(plain)
    return _plain(plain)


def _spelled(letters: str) -> int:
    return sum(3 if letter in "wW" else 1 for letter in letters if letter.isalpha())


def _contraction(stem: str, ending: str) -> int:
    low, ending = stem.lower(), ending.lower()
    if ending == "t" and low.endswith("n"):
        without_n = low[:-1]
        return _plain(without_n) + (0 if without_n in _UNSTRESSED_NOT else 1)
    ends_in_consonant = low[-1:] not in "aeiouyw"
    match ending:
        case "s":
            extra = low.endswith(("s", "x", "z", "ch", "sh", "ce", "ge", "se"))
        case "ll" | "ve":
            extra = ends_in_consonant
        case "d":
            extra = low.endswith(("t", "d"))
        case "re" | "m":
            extra = False
        case _:
            return _plain(stem) + _plain(ending.replace("'", ""))
    return _plain(stem) + extra


def _plain(word: str) -> int:
    """The syllables of a word without hyphens and apostrophes."""
    if not word:
        return 0
    decomposed = unicodedata.normalize("NFD", word.lower())
    bare = "".join(char for char in decomposed if char.isalpha())
    if (known := _EXCEPTIONS.get(bare)) is not None:
        return known
    if (compound := _COMPOUND.fullmatch(bare)) is not None:
        return _plain(compound["first"]) + _plain(compound["second"])
    spoken = bare[1:] if bare[:1] == "y" and bare[1:2] in tuple("aeiou") else bare
    count = len(_VOWELS.findall(spoken))
    ends_in_accent = decomposed[-1:] in tuple("\u0301\u0300\u0308")
    if not ends_in_accent:
        count -= sum(pattern.search(spoken) is not None for pattern in _SILENT)
    count += sum(len(pattern.findall(spoken)) for pattern in _APART)
    return max(count, 1)
