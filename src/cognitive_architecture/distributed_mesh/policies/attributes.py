"""What a node says of itself, and what a task says of itself, as expressions may look at it.

A node's metadata are free, except these keys of theirs:

    attributes   {name: true, a number, a text, or a list of texts or numbers}
    machine      the same, measured by the node's own process; what is declared overrides it
    labels       {key: text}; seen as labels.key
    versions     {capability: text}; seen as versions.capability
    rules        [expression over the attributes of a task]; the node serves whom all of them fit
    atoms        a text in Scheme notation; see ``declared_atoms``
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cognitive_architecture.atomspace import AtomSpace
from cognitive_architecture.distributed_mesh.model import TaskSpec
from cognitive_architecture.foundation.errors import ConfigurationError
from cognitive_architecture.foundation.sentences import shown

from .declared_atoms import NODE_ATOMS_MAX, NODE_TEXT_MAX, Undeclarable, space_of
from .expressions import Expression, Misread, Value, read_expression

ATTRIBUTES_MAX: Final = 128
"""Of one node, labels, versions and what is measured together."""
TEXT_MAX: Final = 200
LIST_MAX: Final = 256
RULES_MAX: Final = 16
"""Of one node."""
LABELS_MAX: Final = 16
"""Of one task."""

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_LABEL: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
TASK_ATTRIBUTES: Final = frozenset({"requester", "task_type", "priority", "capabilities"})
"""What a node's rule may look at, besides ``labels.key``."""
OWN_NAMES: Final = frozenset({"id", "type", "capabilities", "labels", "versions"})
"""Attributes that the mesh gives a node; nobody declares them."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a node has declared, checked."""

    attributes: Mapping[str, Value]
    rules: tuple[Expression, ...] = ()
    atoms: AtomSpace | None = None
    """``None`` where there are none."""


def declaration_of(
    node_id: str, node_type: str, capabilities: Collection[str], metadata: Mapping[str, Any]
) -> Declaration:
    """What a node says of itself, for expressions to look at.

    Raises:
        ConfigurationError: It is not said as it should be; the sentence names the key.
    """
    attributes: dict[str, Value] = {
        "id": node_id,
        "type": node_type,
        "capabilities": tuple(sorted(capabilities)),
    }
    for key in ("machine", "attributes"):
        for name, value in _items(metadata, key):
            if not _NAME.fullmatch(name) or name in OWN_NAMES:
                raise ConfigurationError(
                    f"{key}: a name is 1 to 64 letters, digits and '_', begins with no digit, and "
                    f"is none of {', '.join(sorted(OWN_NAMES))}; not {shown(name)}"
                )
            attributes[name] = _typed(f"{key}.{name}", value)
    for key in ("labels", "versions"):
        for name, value in _items(metadata, key):
            attributes[f"{key}.{name}"] = _text(f"{key}.{name}", value)
    if len(attributes) > ATTRIBUTES_MAX:
        raise ConfigurationError(
            f"attributes: a node has at most {ATTRIBUTES_MAX}, labels and versions counted, "
            f"not {len(attributes):,}"
        )
    return Declaration(
        attributes, _rules(metadata.get("rules", ())), _declared_atoms(metadata.get("atoms", ""))
    )


def task_attributes(spec: TaskSpec) -> dict[str, Value]:
    """What a node's rules may look at; what the task does not say is not there."""
    rare = spec.rare
    attributes: dict[str, Value] = {
        "task_type": spec.task_type,
        "priority": float(spec.priority),
        "capabilities": rare.capabilities,
    }
    if spec.requester is not None:
        attributes["requester"] = spec.requester
    for key, value in rare.labels:
        attributes[f"labels.{key}"] = value
    return attributes


def wrong_label(key: object, value: object) -> str | None:
    """Why these are no key and value of a label, or ``None``."""
    if not isinstance(key, str) or not _LABEL.fullmatch(key):
        return (
            "a key is 1 to 64 letters, digits, '_', '-' and '.', and begins with a letter, "
            f"not {shown(key)}"
        )
    if type(value) is not str or len(value) > TEXT_MAX:
        return f"{key}: a text of at most {TEXT_MAX} characters, not {shown(value)}"
    return None


def _items(metadata: Mapping[str, Any], key: str) -> Iterator[tuple[str, Any]]:
    given = metadata.get(key, {})
    if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
        raise ConfigurationError(f"{key}: names and what they are, not {shown(given)}")
    yield from given.items()


def _typed(where: str, value: object) -> Value:
    match value:
        case bool():
            return value
        case int() | float():
            return _number(where, value)
        case str():
            return _text(where, value)
        case list() | tuple():
            if len(value) > LIST_MAX:
                raise ConfigurationError(f"{where}: at most {LIST_MAX} in a list, not {len(value)}")
            kinds = {str if isinstance(item, str) else float for item in value}
            if len(kinds) <= 1 and not any(isinstance(item, bool | list) for item in value):
                return tuple(_typed(where, item) for item in value)
        case _:
            pass
    raise ConfigurationError(
        f"{where}: true or false, a number, a text, or a list of texts or of numbers, "
        f"not {shown(value)}"
    )


def _number(where: str, value: float) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ConfigurationError(f"{where}: a number that is finite, not {shown(value)}")
    return number


def _text(where: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > TEXT_MAX:
        raise ConfigurationError(
            f"{where}: a text of at most {TEXT_MAX} characters, not {shown(value)}"
        )
    return value


def _declared_atoms(text: object) -> AtomSpace | None:
    if not isinstance(text, str):
        raise ConfigurationError(f"atoms: a text in Scheme notation, not {shown(text)}")
    if not text.strip():
        return None
    try:
        return space_of(text, text_max=NODE_TEXT_MAX, atoms_max=NODE_ATOMS_MAX)
    except Undeclarable as error:
        raise ConfigurationError(f"atoms: {error}") from None


def _rules(given: object) -> tuple[Expression, ...]:
    if not isinstance(given, list | tuple) or len(given) > RULES_MAX:
        raise ConfigurationError(
            f"rules: a list of at most {RULES_MAX} expressions, not {shown(given)}"
        )
    rules = []
    for number, text in enumerate(given, start=1):
        if not isinstance(text, str):
            raise ConfigurationError(f"rule {number}: an expression, not {shown(text)}")
        try:
            rule = read_expression(text)
        except Misread as error:
            raise ConfigurationError(f"rule {number}: {error}") from None
        for name in sorted(rule.names):
            if name not in TASK_ATTRIBUTES and not name.startswith("labels."):
                raise ConfigurationError(
                    f"rule {number}: a task has no {name}; it has "
                    f"{', '.join(sorted(TASK_ATTRIBUTES))} and labels.KEY"
                )
        rules.append(rule)
    return tuple(rules)
