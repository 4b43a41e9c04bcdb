"""Grammar by the library link-grammar (LGPL-2.1), if the system has it.

The library is loaded as it is installed (Debian: ``liblink-grammar5`` and
``link-grammar-dictionaries-en``), through its C interface. Its Python module is built for the
system's own Python alone, and its command takes lines that begin with ``!`` as orders, such as to
read a file; here a sentence is a sentence.

It parses about a thousand short sentences a second. What it does runs inside this process: a fault
in the library ends it, so a node that reads strangers' texts should run slots as processes.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from cognitive_architecture.atomspace.text import (
    MissingTool,
    Parse,
    ParsedLink,
    ParsedWord,
    Parser,
)

CHARACTERS_MAX: Final = 600
"""Longer sentences are left unparsed: time and memory grow with the cube of the words."""
SECONDS_MAX: Final = 2
"""After which the library gives a sentence up."""
_LINKAGES_MAX: Final = 100
_LIBRARIES: Final = {"darwin": "liblink-grammar.5.dylib", "win32": "link-grammar.dll"}
_HOW: Final = "on Debian: apt install liblink-grammar5 link-grammar-dictionaries-en"

_POINTER: Final = ctypes.c_void_p
_SIZE: Final = ctypes.c_size_t
_INT: Final = ctypes.c_int
_TEXT: Final = ctypes.c_char_p
# Of each function that is called: what it returns, what it takes (link-includes.h of 5.12).
_FUNCTIONS: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "lg_error_set_handler": (_POINTER, (_POINTER, _POINTER)),
    "linkgrammar_get_version": (_TEXT, ()),
    "linkgrammar_get_dict_version": (_TEXT, (_POINTER,)),
    "dictionary_create_lang": (_POINTER, (_TEXT,)),
    "parse_options_create": (_POINTER, ()),
    "parse_options_delete": (_INT, (_POINTER,)),
    "parse_options_set_verbosity": (None, (_POINTER, _INT)),
    "parse_options_set_linkage_limit": (None, (_POINTER, _INT)),
    "parse_options_set_max_parse_time": (None, (_POINTER, _INT)),
    "parse_options_set_spell_guess": (None, (_POINTER, _INT)),
    "parse_options_set_min_null_count": (None, (_POINTER, _INT)),
    "parse_options_set_max_null_count": (None, (_POINTER, _INT)),
    "sentence_create": (_POINTER, (_TEXT, _POINTER)),
    "sentence_delete": (None, (_POINTER,)),
    "sentence_length": (_INT, (_POINTER,)),
    "sentence_parse": (_INT, (_POINTER, _POINTER)),
    "sentence_num_valid_linkages": (_INT, (_POINTER,)),
    "sentence_null_count": (_INT, (_POINTER,)),
    "linkage_create": (_POINTER, (_SIZE, _POINTER, _POINTER)),
    "linkage_delete": (None, (_POINTER,)),
    "linkage_get_num_words": (_SIZE, (_POINTER,)),
    "linkage_get_num_links": (_SIZE, (_POINTER,)),
    "linkage_get_word": (_TEXT, (_POINTER, _SIZE)),
    "linkage_get_word_char_start": (_SIZE, (_POINTER, _SIZE)),
    "linkage_get_word_char_end": (_SIZE, (_POINTER, _SIZE)),
    "linkage_get_link_label": (_TEXT, (_POINTER, _SIZE)),
    "linkage_get_link_lword": (_SIZE, (_POINTER, _SIZE)),
    "linkage_get_link_rword": (_SIZE, (_POINTER, _SIZE)),
}


def link_grammar_parser() -> Parser | MissingTool:
    """The parser for English, if library and dictionary are installed."""
    library = _loaded()
    return library if isinstance(library, MissingTool) else LinkGrammar(*library)


@cache
def _loaded() -> tuple[Any, int] | MissingTool:
    """The library and its English dictionary, once a process: it takes a tenth of a second."""
    name = _LIBRARIES.get(sys.platform, "liblink-grammar.so.5")
    try:
        library = ctypes.CDLL(name)
        for function, (returns, takes) in _FUNCTIONS.items():
            prototype = getattr(library, function)
            prototype.restype, prototype.argtypes = returns, takes
    except (OSError, AttributeError) as error:
        return MissingTool(f"grammar is left out: {name} cannot be used ({error}); {_HOW}")
    library.lg_error_set_handler(None, None)  # it would write to standard error
    dictionary = library.dictionary_create_lang(b"en")
    if not dictionary:
        return MissingTool(f"grammar is left out: {name} finds no English dictionary; {_HOW}")
    return library, dictionary


class LinkGrammar:
    """Parses English sentences; one at a time, in the thread that asks.

    Args:
        library: The loaded library, its functions declared.
        dictionary: Of the library; it is shared and never released.
    """

    def __init__(self, library: Any, dictionary: int) -> None:
        self._library = library
        self._dictionary = dictionary
        words = library.linkgrammar_get_dict_version(dictionary).decode()
        self.tool = f"{library.linkgrammar_get_version().decode()} with dictionary {words}"
        """Name and version of the library and of its dictionary."""

    def parse(self, sentences: Sequence[str]) -> list[Parse | None]:
        """The best parse of each sentence; ``None`` where there is none within the limits."""
        return [self._parsed(_as_one_line(sentence)) for sentence in sentences]

    def _parsed(self, sentence: str) -> Parse | None:
        if not sentence.strip() or len(sentence) > CHARACTERS_MAX:
            return None
        with self._options() as options, self._sentence(sentence) as handle:
            if not handle or not self._has_linkage(handle, options):
                return None
            linkage = self._library.linkage_create(0, handle, options)
            if not linkage:
                return None
            try:
                unused = self._library.sentence_null_count(handle)
                return Parse(tuple(self._words(linkage)), tuple(self._links(linkage)), unused)
            finally:
                self._library.linkage_delete(linkage)

    def _has_linkage(self, sentence: int, options: int) -> bool:
        """Parse, first with every word, then, if that cannot be, with as few left out as may be."""
        if self._count(sentence, options, 0, 0) > 0:
            return True
        words = self._library.sentence_length(sentence)  # known now that it was split
        return self._count(sentence, options, 1, words) > 0

    def _count(self, sentence: int, options: int, fewest: int, most: int) -> int:
        """How many valid linkages there are with so many words left out; 0 if it fails."""
        library = self._library
        library.parse_options_set_min_null_count(options, fewest)
        library.parse_options_set_max_null_count(options, most)
        if library.sentence_parse(sentence, options) < 0:
            return 0
        return int(library.sentence_num_valid_linkages(sentence))

    def _words(self, linkage: int) -> Iterator[ParsedWord]:
        library = self._library
        for place in range(library.linkage_get_num_words(linkage)):
            text = library.linkage_get_word(linkage, place).decode()
            start = library.linkage_get_word_char_start(linkage, place)
            yield ParsedWord(text, start, library.linkage_get_word_char_end(linkage, place))

    def _links(self, linkage: int) -> Iterator[ParsedLink]:
        library = self._library
        for place in range(library.linkage_get_num_links(linkage)):
            label = library.linkage_get_link_label(linkage, place).decode()
            left = library.linkage_get_link_lword(linkage, place)
            yield ParsedLink(label, left, library.linkage_get_link_rword(linkage, place))

    @contextmanager
    def _options(self) -> Iterator[int]:
        library = self._library
        options = library.parse_options_create()
        library.parse_options_set_verbosity(options, 0)
        library.parse_options_set_linkage_limit(options, _LINKAGES_MAX)
        library.parse_options_set_max_parse_time(options, SECONDS_MAX)
        library.parse_options_set_spell_guess(options, 0)  # a guessed word is not in the text
        try:
            yield options
        finally:
            library.parse_options_delete(options)

    @contextmanager
    def _sentence(self, text: str) -> Iterator[int]:
        handle = self._library.sentence_create(text.encode(), self._dictionary)
        try:
            yield handle
        finally:
            if handle:
                self._library.sentence_delete(handle)


def _as_one_line(sentence: str) -> str:
    """A sentence whose white space and control characters are spaces, character by character.

    The library reads to the first NUL, and takes a line's end for a sentence's.
    """
    return "".join(char if char.isprintable() else " " for char in sentence)
