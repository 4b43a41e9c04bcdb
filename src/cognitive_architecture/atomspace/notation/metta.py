"""Which MeTTa words say which nodes.

    cat  "black cat"           concepts; in quotes where the name is no plain word
    $x                         a variable, whose name begins with $
    42  -1.5                   a number, with its text as its name
    (Predicate "likes")        any other node: its type, and its name as a word or in quotes

So the type of every node is in the text. A bracket that begins with a link type is a link of that
type; one that begins with anything else is a ``List``, as MeTTa's own expressions are lists.
Writers always name the type, ``List`` too, so that a type declared later changes no text.
"""

# ruff: noqa: D102 - what a method of a bracket does stands at Bracket

from __future__ import annotations

import re
from typing import Final

from cognitive_architecture.atomspace.atoms import Node
from cognitive_architecture.atomspace.notation.brackets import LinkBracket, NodeBracket, TopLevel
from cognitive_architecture.atomspace.notation.mistakes import Mistake
from cognitive_architecture.atomspace.notation.words import NUMBER, WORD, quoted

_CODE_POINT: Final = "\\u{{{:x}}}"
"""How MeTTa writes a character by its number."""

_PLAIN: Final = re.compile(f"(?![$!&'#,`\\\\]){WORD}++")
"""A word that nobody takes for anything but a symbol, unless it is a number."""

_VARIABLE: Final = re.compile(f"\\${WORD}++")


def node_of(word: str) -> Node:
    """The node that a word without quotes says."""
    if word.startswith("$"):
        return Node("Variable", word)
    return Node("Number" if NUMBER.fullmatch(word) else "Concept", word)


def word_of(node: Node) -> str | None:
    """A word, with or without quotes, that says a node; ``None`` if only its type can."""
    name = node.name
    match node.type:
        case "Concept":
            is_plain = _PLAIN.fullmatch(name) and name.isprintable() and not NUMBER.fullmatch(name)
            return name if is_plain else in_quotes(name)
        case "Variable" if _VARIABLE.fullmatch(name) and name.isprintable():
            return name
        case "Number" if NUMBER.fullmatch(name):
            return name
        case _:
            return None


def in_quotes(name: str) -> str:
    """A name in quotes, with escapes that MeTTa knows."""
    return quoted(name, _CODE_POINT)


class MettaTopLevel(TopLevel):
    """The text around all brackets, where words may stand too."""

    __slots__ = ()

    def add_string(self, text: str) -> None:
        self.add_atom(Node("Concept", text))

    def add_word(self, word: str) -> None:
        if word.startswith("!"):
            raise Mistake("'!' asks MeTTa to evaluate, but here atoms are only read: take it out")
        self.add_atom(node_of(word))


class MettaLinkBracket(LinkBracket):
    """A link, whose nodes may be words."""

    __slots__ = ()

    def add_string(self, text: str) -> None:
        self.out.append(Node("Concept", text))

    def add_word(self, word: str) -> None:
        self.out.append(node_of(word))


class MettaListBracket(MettaLinkBracket):
    """A bracket with no word behind it: a list, unless a type comes first after all."""

    __slots__ = ()

    @property
    def awaits_head(self) -> bool:
        return not self.out


class MettaNodeBracket(NodeBracket):
    """A node, whose name may be any word."""

    __slots__ = ()

    def add_word(self, word: str) -> None:
        self.add_string(word)
