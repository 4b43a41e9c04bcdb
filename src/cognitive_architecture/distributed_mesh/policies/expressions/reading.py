"""An expression as a tree.

or       and { "||" and }
and      relation { "&&" relation }
relation sum [ ( == | != | < | <= | > | >= | in ) sum ]
sum      product { ( + | - ) product }
product  unary { ( * | / | % ) unary }
unary    ( ! | - ) unary | value
value    number | text | true | false | "[" or, … "]" | "(" or ")" | name
         | function "(" or, … ")" | name "." method "(" or, … ")"
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .lexing import Lexeme, lexemes, unquoted
from .mistakes import Misread

DEPTH_MAX: Final = 16
LIST_MAX: Final = 64
"""Values in a list that stands in an expression."""

RELATIONS: Final = frozenset({"==", "!=", "<", "<=", ">", ">=", "in"})
FUNCTIONS: Final = {"has": 1, "size": 1, "version": 1}
"""Their names, and how much each is given."""
METHODS: Final = {"startsWith": 1, "endsWith": 1, "contains": 1}
CONSTANTS: Final[dict[str, bool | float]] = {
    "true": True,
    "false": False,
    "KiB": 1024.0,
    "MiB": 1024.0**2,
    "GiB": 1024.0**3,
    "TiB": 1024.0**4,
}


@dataclass(frozen=True, slots=True)
class Branch:
    """A part of an expression."""

    operator: str
    """``literal``, ``name``, ``list``, a sign, or the name of a function or method."""
    parts: tuple[Branch, ...]
    literal: bool | float | str
    """Of a literal its value, of a name the name."""
    start: int
    end: int


def read_tree(text: str) -> Branch:
    """The tree of an expression.

    Raises:
        Misread: It is none; the sentence shows the place.
    """
    return _Reader(text).whole()


class _Reader:
    """Reads from left to right, one call for each level of the grammar."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words = lexemes(text)
        self._at = 0
        self._depth = 0

    def whole(self) -> Branch:
        tree = self._either()
        self._expect_end()
        return tree

    # -- the grammar ------------------------------------------------------------------------

    def _either(self) -> Branch:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise self._misread(f"nested deeper than {DEPTH_MAX} levels")
        parts = [self._both()]
        while self._take("||"):
            parts.append(self._both())
        self._depth -= 1
        return _joined("||", parts)

    def _both(self) -> Branch:
        parts = [self._relation()]
        while self._take("&&"):
            parts.append(self._relation())
        return _joined("&&", parts)

    def _relation(self) -> Branch:
        tree = self._sum()
        operator = self._here.text
        if operator not in RELATIONS or self._here.kind == "text":
            return tree
        self._at += 1
        tree = _joined(operator, [tree, self._sum()])
        if self._here.text in RELATIONS and self._here.kind != "text":
            raise self._misread("comparisons are not chained: join two of them with &&")
        return tree

    def _sum(self) -> Branch:
        tree, length = self._product(), 1
        while (sign := self._here.text) in ("+", "-") and self._take(sign):
            length = self._longer(length)
            tree = _joined(sign, [tree, self._product()])
        return tree

    def _product(self) -> Branch:
        tree, length = self._unary(), 1
        while (sign := self._here.text) in ("*", "/", "%") and self._take(sign):
            length = self._longer(length)
            tree = _joined(sign, [tree, self._unary()])
        return tree

    def _longer(self, length: int) -> int:
        if length >= DEPTH_MAX:  # each is a level of the tree, though none of the text
            raise self._misread(f"at most {DEPTH_MAX} numbers are reckoned together")
        return length + 1

    def _unary(self) -> Branch:
        signs: list[Lexeme] = []
        while self._here.kind == "sign" and self._here.text in ("!", "-"):
            signs.append(self._here)
            self._at += 1
            if len(signs) > DEPTH_MAX:
                raise self._misread(f"nested deeper than {DEPTH_MAX} levels")
        tree = self._value()
        for sign in reversed(signs):
            operator = "not" if sign.text == "!" else "negative"
            tree = Branch(operator, (tree,), False, sign.start, tree.end)
        return tree

    def _value(self) -> Branch:
        word = self._here
        match word.kind:
            case "number":
                self._at += 1
                return Branch("literal", (), float(word.text), word.start, word.end)
            case "text":
                self._at += 1
                said = unquoted(word.text, self._text, word.start)
                return Branch("literal", (), said, word.start, word.end)
            case "name":
                self._at += 1
                return self._call(word) if self._here.text == "(" else self._named(word)
            case _:
                return self._enclosed(word)

    def _enclosed(self, word: Lexeme) -> Branch:
        if self._take("("):
            tree = self._either()
            self._need(")")
            return Branch(tree.operator, tree.parts, tree.literal, word.start, self._ended)
        if self._take("["):
            parts = self._several("]")
            if len(parts) > LIST_MAX:
                raise Misread(self._text, word.start, f"at most {LIST_MAX} values in a list")
            return Branch("list", parts, False, word.start, self._ended)
        raise self._misread("a value is expected here: a name, a number, a text or a list")

    def _named(self, word: Lexeme) -> Branch:
        if word.text in ("in", "and", "or", "not"):
            sign = {"and": "&&", "or": "||", "not": "!"}.get(word.text)
            hint = f"; {word.text} is written {sign}" if sign else ""
            raise Misread(self._text, word.start, f"a value is expected here{hint}")
        constant = CONSTANTS.get(word.text)
        if constant is not None:
            return Branch("literal", (), constant, word.start, word.end)
        return Branch("name", (), word.text, word.start, word.end)

    def _call(self, word: Lexeme) -> Branch:
        owner, dot, name = word.text.rpartition(".")
        known = METHODS if dot else FUNCTIONS
        if name not in known:
            said = ", ".join(sorted(known))
            kind = "method" if dot else "function"
            raise Misread(self._text, word.start, f"there is no {kind} {name}; there are {said}")
        self._need("(")
        parts = self._several(")")
        if len(parts) != known[name]:
            raise Misread(
                self._text, word.start, f"{name} is given {known[name]} value, not {len(parts)}"
            )
        if name == "has" and parts[0].operator != "name":
            raise Misread(self._text, parts[0].start, "has() is given the name of an attribute")
        if dot:
            whose = Branch("name", (), owner, word.start, word.start + len(owner))
            parts = (whose, *parts)
        return Branch(name, parts, False, word.start, self._ended)

    def _several(self, closing: str) -> tuple[Branch, ...]:
        parts: list[Branch] = []
        while not self._take(closing):
            if parts:
                self._need(",")
            parts.append(self._either())
        return tuple(parts)

    # -- words ------------------------------------------------------------------------------

    @property
    def _here(self) -> Lexeme:
        return self._words[self._at]

    @property
    def _ended(self) -> int:
        return self._words[self._at - 1].end

    def _take(self, sign: str) -> bool:
        if self._here.kind == "sign" and self._here.text == sign:
            self._at += 1
            return True
        return False

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise self._misread(f"{sign} is expected here")

    def _expect_end(self) -> None:
        if self._here.kind != "end":
            word = self._here.text
            sign = {"and": "&&", "or": "||"}.get(word)
            hint = f"; {word} is written {sign}" if sign else ""
            raise self._misread(f"the expression should be over, or go on with a sign{hint}")

    def _misread(self, what: str) -> Misread:
        return Misread(self._text, self._here.start, what)


def _joined(operator: str, parts: list[Branch]) -> Branch:
    """Parts and what joins them; of one, itself."""
    if len(parts) == 1:
        return parts[0]
    return Branch(operator, tuple(parts), False, parts[0].start, parts[-1].end)
