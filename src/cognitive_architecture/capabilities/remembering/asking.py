"""Reading what a memory node is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from cognitive_architecture.atomspace import Atom, AtomSpaceError
from cognitive_architecture.atomspace.notation import Dialect
from cognitive_architecture.atomspace.notation.reading import Expression
from cognitive_architecture.atomspace.patterns import DeadlinePassed
from cognitive_architecture.attention import AttentionError
from cognitive_architecture.capabilities.payload_fields import choice_field, shown, text_field
from cognitive_architecture.foundation.errors import InvalidPayload, PermanentFailure
from cognitive_architecture.memory import Record, Replica
from cognitive_architecture.memory.errors import BadBundle, NestedTooDeep
from cognitive_architecture.memory.writing import read_all

DIALECTS: Final = tuple(dialect.value for dialect in Dialect)


def what_is_asked(payload: Mapping[str, Any], allowed: Sequence[str]) -> str:
    """The one field that says what to do.

    Raises:
        InvalidPayload: There is none of these, or more than one.
    """
    asked = [name for name in allowed if name in payload]
    if len(asked) != 1:
        came = f"not {' and '.join(asked)}" if asked else "and none came"
        raise InvalidPayload(f"payload: exactly one of {', '.join(allowed)} is required, {came}")
    return asked[0]


def dialect_field(payload: Mapping[str, Any]) -> str:
    """The dialect of what is read and written.

    Raises:
        InvalidPayload: There is no such dialect.
    """
    return choice_field(payload, "dialect", DIALECTS, default=Dialect.MODERN.value)


@contextmanager
def refusals_of(field: str) -> Iterator[None]:
    """Turn what is wrong with a field into a refusal that no repetition would change."""
    try:
        yield
    except DeadlinePassed as error:
        raise PermanentFailure(str(error)) from error
    except (AtomSpaceError, AttentionError, BadBundle, NestedTooDeep) as error:
        raise InvalidPayload(f"payload.{field}: {error}") from error


async def expressions_field(payload: Mapping[str, Any], name: str) -> list[Expression]:
    """Expressions in a notation, at least one.

    Raises:
        InvalidPayload: It is no text, or not in the notation: the sentence says line and column.
    """
    text = text_field(payload, name)
    dialect = dialect_field(payload)
    with refusals_of(name):
        # A megabyte takes a second; meanwhile the node must be heard of.
        found = await asyncio.to_thread(read_all, text, dialect)
    if not found:
        raise InvalidPayload(f"payload.{name}: an expression is required, not {shown(text)}")
    return found


def known(replica: Replica, atom: Atom, name: str) -> Record:
    """The record of an atom that must be here.

    Raises:
        InvalidPayload: It is not: it was never added, or it was removed or forgotten.
    """
    record = replica.find(atom)
    if record is None:
        raise InvalidPayload(
            f"payload.{name}: {shown(repr(atom))} is not in this memory: it was never added here, "
            "or it was removed or forgotten; add it first"
        )
    return record
