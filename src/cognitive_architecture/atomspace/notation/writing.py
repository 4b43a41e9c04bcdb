"""From atoms and their values to a text that is read as the same again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from cognitive_architecture.atomspace.atoms import Atom, Link, Node
from cognitive_architecture.atomspace.notation import metta
from cognitive_architecture.atomspace.notation.dialects import (
    DEPTH_MAX,
    CannotSay,
    Dialect,
    Vocabulary,
    dialect_of,
)
from cognitive_architecture.atomspace.notation.value_brackets import BARE_KEYS, RESERVED
from cognitive_architecture.atomspace.notation.words import INTEGER_DIGITS_MAX, quoted
from cognitive_architecture.atomspace.types import TypeHierarchy, standard_types
from cognitive_architecture.atomspace.values import (
    AttentionValue,
    FloatValue,
    LinkValue,
    Provenance,
    StringValue,
    TruthValue,
    Value,
)
from cognitive_architecture.foundation.sentences import shown

ATOMS_MAX: Final = 4_000_000
"""Atoms in one text; what is shared inside an atom is written each time, which can be often."""

_INDENTED_MAX: Final = 40
"""Levels that are moved to the right; what is deeper stays there, so that the text stays small."""

_CLOSE: Final = ")"
_BREAK: Final = "\n"


def write(
    atom: Atom,
    values: Mapping[Atom, Mapping[str, Value]] | None = None,
    *,
    dialect: Dialect | str = Dialect.MODERN,
    types: TypeHierarchy | None = None,
    indent: int | None = None,
) -> str:
    """Write an atom, with values on it and on the atoms in it.

    ``read`` makes the same of it, in the same dialect and with the same types; a link whose order
    does not count comes back in canonical order.

    Args:
        atom: What to write.
        values: By atom and key. Each stands where its atom is written first.
        dialect: To write in. ``metta`` has no values.
        types: The hierarchy of the space it comes from; without it the standard one.
        indent: Spaces to the right for each level, on lines of their own; without it one line.

    Raises:
        CannotSay: The dialect has no words for it, or it is too long or too deep written out.
        AtomSpaceError: There is no such dialect.
    """
    writer = Writer(dialect_of(dialect), types or standard_types(), indent)
    return writer.text(atom, values or {})


class Writer:
    """Writes atoms one after the other.

    Args:
        dialect: To write in.
        types: Of the space that the atoms come from.
        indent: As of ``write``.
    """

    def __init__(self, dialect: Dialect, types: TypeHierarchy, indent: int | None = None) -> None:
        self._dialect = dialect
        self._vocabulary = Vocabulary(types, dialect, RESERVED[dialect])
        self._bare_keys = BARE_KEYS[dialect]
        self._indent = indent

    def text(self, atom: Atom, values: Mapping[Atom, Mapping[str, Value]]) -> str:
        """What ``write`` returns."""
        waiting = {owner: kept for owner, kept in values.items() if kept}
        if waiting and self._dialect is Dialect.METTA:
            raise CannotSay("metta has no words for values: write the atom alone, or in 2026")
        text = "".join(self._parts(atom, waiting))
        if waiting:
            raise CannotSay(
                f"values came for {shown(next(iter(waiting)))}, which is not in the expression: "
                "write it by itself"
            )
        return text

    def _parts(self, atom: Atom, waiting: dict[Atom, Mapping[str, Value]]) -> Iterator[str]:
        """The text in parts; takes out of ``waiting`` what it has written."""
        stack: list[Atom | str] = [atom]
        depth = count = 0
        while stack:
            item = stack.pop()
            if item is _CLOSE:
                depth -= 1
                yield _CLOSE
            elif item is _BREAK:
                yield self._break(depth)
            elif isinstance(item, Node):
                count += 1
                yield self._node(item, waiting)
            elif isinstance(item, Link):
                count += 1
                depth += 1
                if depth > DEPTH_MAX or count > ATOMS_MAX:
                    raise CannotSay(
                        f"{shown(atom)} is more than {DEPTH_MAX:,} deep, or more than "
                        f"{ATOMS_MAX:,} atoms written out: write what is in it by itself"
                    )
                yield "(" + self._vocabulary.spelling(item.type, is_node=False)
                if waiting:
                    yield self._values(waiting.pop(item, None))
                stack.append(_CLOSE)
                for inner in reversed(item.out):
                    stack += (inner, _BREAK)

    def _break(self, depth: int) -> str:
        if self._indent is None:
            return " "
        return "\n" + " " * (self._indent * min(depth, _INDENTED_MAX))

    def _node(self, node: Node, waiting: dict[Atom, Mapping[str, Value]]) -> str:
        is_metta = self._dialect is Dialect.METTA
        head = self._vocabulary.spelling(node.type, is_node=True)
        if is_metta and (word := metta.word_of(node)) is not None:
            return word
        name = metta.in_quotes(node.name) if is_metta else quoted(node.name)
        values = self._values(waiting.pop(node, None)) if waiting else ""
        return f"({head} {name}{values})"

    def _values(self, values: Mapping[str, Value] | None) -> str:
        """What stands in an atom behind its type or name, for the values on it."""
        if values is None:
            return ""
        bare: list[str] = []
        pairs: list[str] = []
        for key, value in values.items():
            if self._bare_keys.get(type(value)) == key:
                bare.append(f" {self._value(value)}")
            else:
                head = self._vocabulary.spelling("Predicate", is_node=True)
                pairs.append(f" (cons ({head} {quoted(key)}) {self._value(value)})")
        return "".join(bare) + (f" (alist{''.join(pairs)})" if pairs else "")

    def _value(self, value: Value) -> str:
        is_classic = self._dialect is Dialect.CLASSIC
        match value:
            case TruthValue(strength, confidence):
                return f"({'stv' if is_classic else 'TruthValue'} {strength!r} {confidence!r})"
            case AttentionValue(sti, lti, vlti):
                head = "av" if is_classic else "AttentionValue"
                return f"({head} {sti!r} {lti!r} {_integer(vlti)})"
            case FloatValue(numbers):
                return _listed("FloatValue", map(repr, numbers))
            case StringValue(texts):
                return _listed("StringValue", map(quoted, texts))
            case LinkValue(inner):  # at most 100 deep
                return _listed("LinkValue", map(self._value, inner))
            case Provenance(layer, start, end, confidence, tool):
                span = f"{_integer(start)} {_integer(end)} {confidence!r}"
                return f"(Provenance {quoted(layer)} {span} {quoted(tool)})"


def _listed(head: str, parts: Iterator[str]) -> str:
    return f"({' '.join([head, *parts])})"


def _integer(number: int) -> str:
    if number.bit_length() > 3 * INTEGER_DIGITS_MAX:  # so it has fewer digits than that
        raise CannotSay(f"{shown(number)} is too large to be written: take a smaller one")
    return str(number)
