"""How much of everything a text has."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from cognitive_architecture.capabilities.language.documents import Document
from cognitive_architecture.capabilities.language.syllables import syllables
from cognitive_architecture.capabilities.language.tokens import folded, is_capitalised

READING_WORDS_PER_MINUTE: Final = 238.0
"""Silent reading of English non-fiction by adults.

Source: Brysbaert, "How many words do we read per minute?", Journal of Memory and Language 109
(2019).
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers that say how large and how varied a text is; all are 0 for an empty one."""

    characters: int
    """Code points, white space included."""
    characters_without_spaces: int
    words: int
    """Words and numbers; web and mail addresses, marks and symbols are none."""
    sentences: int
    """The ones with at least one word."""
    paragraphs: int
    syllables: int
    unique_words: int
    """Different words without regard to case."""
    lexical_diversity: float
    """``unique_words / words``, 0 to 1; it falls with length, so compare texts of like size."""
    reading_time_s: float
    """At 238 words a minute."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What the readability formulas ask of a text."""

    letters: int
    """Letters and digits inside words."""
    words: int
    sentences: int
    syllables: int
    polysyllables: int
    """Words of three syllables or more."""
    complex_words: int
    """Of these, the ones that Gunning counts as hard; see :func:`measures`."""


def counts(document: Document) -> Counts:
    """Count a text."""
    spelled = Counter(token.text for token in document.tokens if token.counts_as_word)
    words = spelled.total()
    unique = len({folded(word) for word in spelled})
    return Counts(
        characters=len(document.text),
        characters_without_spaces=sum(len(piece) for piece in document.text.split()),
        words=words,
        sentences=_sentences_with_words(document),
        paragraphs=len(document.paragraphs),
        syllables=sum(syllables(word) * times for word, times in spelled.items()),
        unique_words=unique,
        lexical_diversity=unique / words if words else 0.0,
        reading_time_s=words / READING_WORDS_PER_MINUTE * 60.0,
    )


def measures(document: Document) -> Measures:
    """Measure a text for the readability formulas.

    A complex word has three syllables or more and is no proper name (capitalised inside a
    sentence), no compound with a hyphen, and does not have three only through ``-es``, ``-ed`` or
    ``-ing``: so Gunning, "The Technique of Clear Writing" (1952). He also leaves out compounds of
    easy words written together (``bookkeeper``); we cannot tell them and count them.
    """
    spelled: Counter[str] = Counter()
    names: Counter[str] = Counter()
    sentence_count = 0
    for sentence in document.sentence_tokens():
        words = [token.text for token in sentence if token.counts_as_word]
        spelled.update(words)
        names.update(word for word in words[1:] if is_capitalised(word))
        sentence_count += bool(words)
    by_word = {word: syllables(word) for word in spelled}
    long_words = {word: times for word, times in spelled.items() if by_word[word] >= 3}
    return Measures(
        letters=sum(_letters(word) * times for word, times in spelled.items()),
        words=spelled.total(),
        sentences=sentence_count,
        syllables=sum(by_word[word] * times for word, times in spelled.items()),
        polysyllables=sum(long_words.values()),
        complex_words=sum(
            times - names[word] for word, times in long_words.items() if _is_complex(word)
        ),
    )


def _sentences_with_words(document: Document) -> int:
    return sum(
        any(token.counts_as_word for token in sentence) for sentence in document.sentence_tokens()
    )


def _letters(word: str) -> int:
    return len(word) if word.isalnum() else sum(char.isalnum() for char in word)


def _is_complex(word: str) -> bool:
    """Whether a word of three syllables or more is hard without its inflection too."""
    if "-" in word or not word[0].isalpha():
        return False
    low = word.lower()
    for ending in ("es", "ed", "ing"):
        if low.endswith(ending):
            return min(syllables(low.removesuffix(ending)), _with_final_e(low, ending)) >= 3
    return True


def _with_final_e(low: str, ending: str) -> int:
    """``creating`` comes from ``create``, not from ``creat``."""
    return syllables(low.removesuffix(ending) + "e")
