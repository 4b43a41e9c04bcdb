"""Open brackets of values, and which words open them in which dialect.

    (FloatValue 1 2.5)          (StringValue "a" "b")       (LinkValue (FloatValue 1) …)
    (stv 0.9 0.8)               (av 10 1.5 0)               in classic; without key on an atom
    (TruthValue 0.9 0.8)        (AttentionValue 10 1.5 0)   in 2026
    (Provenance "L1" 0 7 0.9 "tagger 1.0")                  layer, start, end, confidence, tool
    (Concept "cat" (alist (cons (Predicate "key") VALUE) …))
    (cog-set-value! (Concept "cat") (Predicate "key") VALUE)

The last is read only: it is how Scheme programs keep a value on an atom, and writers use ``alist``.
OpenCog removed truth and attention values in 2025 and never had a provenance: their words in 2026
are ours.
"""

# ruff: noqa: D102 - what a method of a bracket does stands at Bracket

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cognitive_architecture.atomspace.atoms import Atom, Node
from cognitive_architecture.atomspace.errors import InvalidValue
from cognitive_architecture.atomspace.notation.brackets import Bracket, Found
from cognitive_architecture.atomspace.notation.dialects import ATTENTION, TRUTH, Dialect
from cognitive_architecture.atomspace.notation.mistakes import Mistake
from cognitive_architecture.atomspace.notation.words import as_float, as_integer
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


class ValueBracket(Bracket):
    """A value; its children say what of.

    A child calls ``_finish`` with what makes it.
    """

    __slots__ = ()

    def _finish(self, make: Callable[[], Value], around: Bracket) -> None:
        try:
            value = make()
        except InvalidValue as error:
            raise Mistake(str(error)) from None
        around.add_value(value)


class NumbersBracket(ValueBracket):
    """A value of numbers."""

    __slots__ = ("_words",)

    def __init__(self, head: str) -> None:
        super().__init__(head)
        self._words: list[str] = []

    def add_word(self, word: str) -> None:
        as_float(word)
        self._words.append(word)


class FloatBracket(NumbersBracket):
    """Any count of numbers."""

    form = "it takes numbers, like (FloatValue 1 2.5)"

    __slots__ = ()

    def close_into(self, around: Bracket) -> None:
        self._finish(lambda: FloatValue(tuple(map(float, self._words))), around)


class TruthBracket(NumbersBracket):
    """Strength and confidence."""

    form = "it takes a strength and a confidence, both from 0 to 1, like 0.9 0.8"

    __slots__ = ()

    def close_into(self, around: Bracket) -> None:
        if len(self._words) != 2:
            raise self.incomplete() if len(self._words) < 2 else self.refused("a third number")
        strength, confidence = map(float, self._words)
        self._finish(lambda: TruthValue(strength, confidence), around)


class AttentionBracket(NumbersBracket):
    """STI, LTI and VLTI."""

    form = "it takes STI, LTI and a whole VLTI from 0, like 10 1.5 0"

    __slots__ = ()

    def close_into(self, around: Bracket) -> None:
        if len(self._words) != 3:
            raise self.incomplete() if len(self._words) < 3 else self.refused("a fourth number")
        sti, lti, vlti = self._words
        self._finish(lambda: AttentionValue(float(sti), float(lti), as_integer(vlti)), around)


class StringBracket(ValueBracket):
    """Any count of texts."""

    form = 'it takes texts in quotes, like (StringValue "a" "b")'

    __slots__ = ("_texts",)

    def __init__(self, head: str) -> None:
        super().__init__(head)
        self._texts: list[str] = []

    def add_string(self, text: str) -> None:
        self._texts.append(text)

    def close_into(self, around: Bracket) -> None:
        self._finish(lambda: StringValue(tuple(self._texts)), around)


class LinkValueBracket(ValueBracket):
    """Any count of values."""

    form = "it takes values, like (LinkValue (FloatValue 1) (FloatValue 2))"

    __slots__ = ("_values",)

    def __init__(self, head: str) -> None:
        super().__init__(head)
        self._values: list[Value] = []

    def add_value(self, value: Value) -> None:
        self._values.append(value)

    def close_into(self, around: Bracket) -> None:
        self._finish(lambda: LinkValue(tuple(self._values)), around)


class ProvenanceBracket(ValueBracket):
    """Where an atom comes from: a layer, a span, a confidence, a tool."""

    form = 'it takes layer, start, end, confidence and tool, like "L1" 0 7 0.9 "tagger 1.0"'

    __slots__ = ("_fields",)

    _ORDER: Final = "twwwt"  # texts and words

    def __init__(self, head: str) -> None:
        super().__init__(head)
        self._fields: list[str] = []

    def add_string(self, text: str) -> None:
        self._add("t", text)

    def add_word(self, word: str) -> None:
        self._add("w", word)

    def _add(self, kind: str, field: str) -> None:
        place = len(self._fields)
        if self._ORDER[place : place + 1] != kind:
            raise self.refused(f"{shown(field)}, as number {place + 1},")
        if place in (1, 2):
            as_integer(field)
        elif place == 3:
            as_float(field)
        self._fields.append(field)

    def close_into(self, around: Bracket) -> None:
        if len(self._fields) < len(self._ORDER):
            raise self.incomplete()
        layer, start, end, confidence, tool = self._fields
        self._finish(
            lambda: Provenance(layer, int(start), int(end), float(confidence), tool), around
        )


class PairBracket(Bracket):
    """A key and the value under it."""

    form = 'it takes a key and a value, like (cons (Predicate "key") (FloatValue 1 2))'

    __slots__ = ("_key", "_value")

    def __init__(self, head: str) -> None:
        super().__init__(head)
        self._key: str | None = None
        self._value: Value | None = None

    def add_atom(self, atom: Atom) -> None:
        if not isinstance(atom, Node) or atom.type != "Predicate" or self._key is not None:
            raise self.refused(f"an atom of type {atom.type}")
        self._key = atom.name

    def add_value(self, value: Value) -> None:
        if self._key is None or self._value is not None:
            raise self.refused(f"a {type(value).__name__}")
        self._value = value

    def close_into(self, around: Bracket) -> None:
        if self._key is None or self._value is None:
            raise self.incomplete()
        around.add_pair(self._key, self._value)


class ValuesBracket(Bracket):
    """Values of an atom, each with its key."""

    form = 'it takes pairs, like (cons (Predicate "key") (FloatValue 1 2))'

    __slots__ = ("_values",)

    def __init__(self, head: str) -> None:
        super().__init__(head)
        self._values: dict[str, Value] = {}

    def add_pair(self, key: str, value: Value) -> None:
        if key in self._values:
            raise Mistake(f"the key {shown(key)} stands here twice: leave one out")
        self._values[key] = value

    def close_into(self, around: Bracket) -> None:
        around.add_values(self._values)


class SettingBracket(PairBracket):
    """An atom, a key and a value: how Scheme programs keep a value on an atom."""

    form = 'it takes an atom, a key and a value: (Concept "a") (Predicate "key") (FloatValue 1 2)'

    __slots__ = ("_atom", "_found")

    def __init__(self, head: str, found: Found) -> None:
        super().__init__(head)
        self._atom: Atom | None = None
        self._found = found

    def add_atom(self, atom: Atom) -> None:
        if self._atom is None:
            self._atom = atom
        else:
            super().add_atom(atom)

    def close_into(self, around: Bracket) -> None:
        if self._atom is None or self._key is None or self._value is None:
            raise self.incomplete()
        self._found.setdefault(self._atom, {})[self._key] = self._value
        around.add_atom(self._atom)


_EVERYWHERE: Final[dict[str, type[Bracket]]] = {
    "FloatValue": FloatBracket,
    "StringValue": StringBracket,
    "LinkValue": LinkValueBracket,
    "Provenance": ProvenanceBracket,
    "alist": ValuesBracket,
    "cons": PairBracket,
}
SETTING: Final = "cog-set-value!"
"""The head of a ``SettingBracket``."""

HEADS: Final[dict[Dialect, dict[str, type[Bracket]]]] = {
    Dialect.CLASSIC: {**_EVERYWHERE, "stv": TruthBracket, "av": AttentionBracket},
    Dialect.MODERN: {**_EVERYWHERE, "TruthValue": TruthBracket, "AttentionValue": AttentionBracket},
    Dialect.METTA: {},
}
"""What words at the beginning of a bracket open, if they are no types."""

RESERVED: Final = {
    dialect: frozenset(heads) | ({SETTING} if heads else frozenset())
    for dialect, heads in HEADS.items()
}
"""Words that are no types, whatever a hierarchy has."""

ELSEWHERE: Final[dict[Dialect, dict[str, str]]] = {
    Dialect.CLASSIC: {
        "TruthValue": "classic has no TruthValue: write (stv 0.9 0.8), or read it as 2026",
        "AttentionValue": "classic has no AttentionValue: write (av 10 1.5 0), or read it as 2026",
    },
    Dialect.MODERN: {
        "stv": "2026 has no stv: write (alist (cons (Predicate "
        f'"{TRUTH}") (TruthValue 0.9 0.8))), or read it as classic',
        "av": "2026 has no av: write (alist (cons (Predicate "
        f'"{ATTENTION}") (AttentionValue 10 1.5 0))), or read it as classic',
    },
    Dialect.METTA: {},
}
"""Sentences about words that only another dialect has."""

BARE_KEYS: Final[dict[Dialect, dict[type, str]]] = {
    Dialect.CLASSIC: {TruthValue: TRUTH, AttentionValue: ATTENTION},
    Dialect.MODERN: {},
    Dialect.METTA: {},
}
"""Under which key a value belongs that stands in an atom without one."""
