"""From a text to atoms and their values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from cognitive_architecture.atomspace.atoms import Atom, Node
from cognitive_architecture.atomspace.errors import NotationError
from cognitive_architecture.atomspace.notation.brackets import (
    Bracket,
    Found,
    HeadlessBracket,
    LinkBracket,
    NodeBracket,
    Shape,
    TopLevel,
)
from cognitive_architecture.atomspace.notation.dialects import (
    DEPTH_MAX,
    Dialect,
    Vocabulary,
    dialect_of,
)
from cognitive_architecture.atomspace.notation.lexing import (
    CLOSE,
    LEAF,
    METTA,
    NAKED,
    OPEN,
    SCHEME,
    STRING,
    Lexer,
)
from cognitive_architecture.atomspace.notation.metta import (
    MettaLinkBracket,
    MettaListBracket,
    MettaNodeBracket,
    MettaTopLevel,
)
from cognitive_architecture.atomspace.notation.mistakes import Mistake
from cognitive_architecture.atomspace.notation.value_brackets import (
    BARE_KEYS,
    ELSEWHERE,
    HEADS,
    RESERVED,
    SETTING,
    SettingBracket,
)
from cognitive_architecture.atomspace.notation.words import unescaped
from cognitive_architecture.atomspace.types import Kind, TypeHierarchy, standard_types
from cognitive_architecture.atomspace.values import VALUE_DEPTH_MAX, Value

_OPEN_MAX: Final = DEPTH_MAX + VALUE_DEPTH_MAX + 4
"""Brackets that may be open at once: links, and on the innermost atom a value under its key."""

_METTA_LIST: Final = Shape("a list", "List", Kind.LINK, {})
"""A bracket of MeTTa that begins with no type."""

_KEPT_MAX: Final = 1 << 16
"""Nodes that are kept under their text to be used again; most are said many times."""


class Expression(msgspec.Struct, frozen=True):
    """An atom that stood in a text, with the values that stood on it and on the atoms in it."""

    atom: Atom
    values: Mapping[Atom, Mapping[str, Value]] = {}
    """By atom and key; atoms without values are not there."""


def read(
    text: str | Iterable[str],
    *,
    dialect: Dialect | str = Dialect.MODERN,
    types: TypeHierarchy | None = None,
) -> Iterator[Expression]:
    """Read expressions one after the other, as far as somebody asks.

    Nothing recurses, and of a text that comes in lines only the expression under way is kept.

    Args:
        text: All of it, or its pieces in order: lines, or an open file.
        dialect: Of the text.
        types: What types there are; without it the standard ones.

    Returns:
        The expressions. Links whose order does not count are in canonical order. Where a value
        stands twice under one key of one atom, the later counts.

    Raises:
        AtomSpaceError: There is no such dialect.
        NotationError: While it is read; what came before the mistake has been handed out.
    """
    pieces = (text,) if isinstance(text, str) else text
    return Reader(dialect_of(dialect), types or standard_types()).expressions(pieces)


class Reader:
    """Reads one text.

    Args:
        dialect: Of the text.
        types: What types there are.
    """

    def __init__(self, dialect: Dialect, types: TypeHierarchy) -> None:
        self._dialect = dialect
        self._vocabulary = Vocabulary(types, dialect, RESERVED[dialect])
        self._is_metta = dialect is Dialect.METTA
        self.begin = (1, 1)
        """Line and column where the expression under way, or the last one, begins."""
        self._found: Found = {}
        self._link_bracket = MettaLinkBracket if self._is_metta else LinkBracket
        self._node_bracket = MettaNodeBracket if self._is_metta else NodeBracket
        self._shapes: dict[str, Shape] = {}
        self._nodes: dict[str, Node] = {}

    def expressions(self, pieces: Iterable[str]) -> Iterator[Expression]:
        """What ``read`` returns; to be asked for once."""
        lexer = Lexer(pieces, METTA if self._is_metta else SCHEME)
        nodes = self._nodes
        top = MettaTopLevel() if self._is_metta else TopLevel()
        bracket: Bracket = top
        around: list[Bracket] = [top]
        for token in lexer.tokens():
            kind = token.lastindex
            if bracket is top:
                self.begin = lexer.place(token.start())
            try:
                if kind == LEAF:
                    node = nodes.get(token[0])
                    if node is None:
                        self._add_leaf(token, bracket)
                    else:
                        bracket.add_atom(node)
                elif kind == CLOSE:
                    closed, bracket = bracket, around.pop()
                    closed.close_into(bracket)
                elif kind == OPEN:
                    if len(around) > _OPEN_MAX:
                        _refuse_depth()
                    around.append(bracket)
                    bracket = self._opened(token[OPEN])
                elif kind == STRING:
                    bracket.add_string(unescaped(token[STRING]))
                elif bracket.awaits_head:
                    bracket = self._opened(token[NAKED])
                else:
                    bracket.add_word(token[NAKED])
            except Mistake as mistake:
                place = lexer.place(_start(token) + mistake.offset)
                raise NotationError(*place, mistake.sentence) from None
            if bracket is top and top.atom is not None:
                yield self._expression(top.atom)
                top.atom = None
        if bracket is not top:
            many = f" and {len(around) - 2:,} inside it are" if len(around) > 2 else " is"
            raise NotationError(*self.begin, f"the bracket that opens here{many} not closed: add )")

    def _expression(self, atom: Atom) -> Expression:
        found = self._found
        if found:
            self._found = {}
            return Expression(atom, found)
        return Expression(atom)

    def _add_leaf(self, token: re.Match[str], bracket: Bracket) -> None:
        """Hand over a head and a name in quotes, which is nearly always a node."""
        head, name = token[1], token[2]
        shape = self._shapes.get(head) or self._shape(head)
        if shape is not None and shape.kind is Kind.NODE:
            if len(self._nodes) == _KEPT_MAX:
                self._nodes.clear()
            node = self._nodes[token[0]] = Node(shape.type, name)
            bracket.add_atom(node)
        else:
            opened = self._opened(head)
            opened.add_string(name)
            opened.close_into(bracket)

    def _opened(self, head: str) -> Bracket:
        """What a bracket with this word behind it waits for."""
        shape = self._shapes.get(head) or self._shape(head)
        if shape is not None:
            make = self._node_bracket if shape.kind is Kind.NODE else self._link_bracket
            return make(shape, self._found)
        if self._is_metta:
            bracket = MettaListBracket(_METTA_LIST, self._found)
            if head:
                bracket.add_word(head)
            return bracket
        if not head:
            return HeadlessBracket("a bracket")
        if head == SETTING:
            return SettingBracket(head, self._found)
        if value_bracket := HEADS[self._dialect].get(head):
            return value_bracket(head)
        raise Mistake(ELSEWHERE[self._dialect].get(head) or self._vocabulary.unknown(head))

    def _shape(self, head: str) -> Shape | None:
        """What atoms with this head have in common; ``None`` if it spells no type."""
        meaning = self._vocabulary.meaning(head)
        if meaning is None:
            return None
        shape = self._shapes[head] = Shape(head, *meaning, BARE_KEYS[self._dialect])
        return shape


def _start(token: re.Match[str]) -> int:
    """Where the word, the bracket or the quote is that a sentence speaks of."""
    kind = token.lastindex or 0
    return token.start(1 if kind == LEAF else kind) - (kind == STRING)


def _refuse_depth() -> None:
    raise Mistake(f"links are nested more than {DEPTH_MAX:,} deep: nest less")
