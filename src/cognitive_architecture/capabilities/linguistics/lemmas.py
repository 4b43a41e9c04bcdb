"""The words of English and their dictionary forms, by the package lemminflect (MIT).

lemminflect 0.2.3 knows what a word form may be a form of, for nouns, verbs, adjectives and adverbs;
for words it does not know it has rules. It does not look at the sentence; :mod:`.tagging` does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from typing import Any, Final

from cognitive_architecture.atomspace.text import MissingTool

_OPEN: Final = frozenset({"NOUN", "VERB", "ADJ", "ADV"})
_Forms = Mapping[str, tuple[str, ...]]


class Dictionary:
    """What word forms may be, and of which words.

    Args:
        known: Of a form, its possible lemmas by part of speech; empty for words it does not know.
        guessed: The same for one part of speech, by rule.
        tool: Name and version.
    """

    def __init__(
        self, known: Callable[[str], _Forms], guessed: Callable[[str, str], _Forms], tool: str
    ) -> None:
        self._known = cache(known)
        self._guessed = cache(guessed)
        self.tool = tool

    def parts_of_speech(self, word: str) -> frozenset[str]:
        """What a word in lower case may be: of ``NOUN``, ``VERB``, ``ADJ`` and ``ADV``."""
        return _OPEN & self._known(word).keys()

    def lemma(self, word: str, part_of_speech: str) -> str:
        """The dictionary form of a word in lower case; itself, if there is none of that kind."""
        if part_of_speech not in _OPEN:
            return word
        forms: Sequence[str] = self._known(word).get(part_of_speech, ())
        if not forms:
            forms = self._guessed(word, part_of_speech).get(part_of_speech, ())
        if part_of_speech == "NOUN" and word.endswith("ves"):
            # leaves, knives, wolves: of two candidates the noun is nearly always the one in f.
            forms = sorted(forms, key=lambda form: not form.endswith(("f", "fe")))
        return next((form for form in forms if form), word)  # of 's', a rule may leave nothing


def english() -> Dictionary | MissingTool:
    """The dictionary, if lemminflect is installed."""
    try:
        # It reads some megabytes of tables when it is imported, and it may not be there.
        import lemminflect  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError:
        return MissingTool(
            "lemmas and parts of speech are left out: lemminflect is not installed; "
            "pip install 'cogmesh[text]' brings it"
        )
    forms: Any = lemminflect
    return Dictionary(
        forms.getAllLemmas, forms.getAllLemmasOOV, f"lemminflect {version('lemminflect')}"
    )
