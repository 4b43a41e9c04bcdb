"""Errors that another process reported, as the classes they were there."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cache
from typing import Any

from .errors import MeshError, RemoteError


def _class_of(code: str) -> type[MeshError] | None:
    """The class with this code; the most general one, where somebody took a code again.

    A program may derive errors of its own and give them no code. They say the code that they
    inherit, and on the other side they are what they inherit it from.
    """
    kinds: list[type[MeshError]] = [MeshError]
    for kind in kinds:  # it grows while it is read, one generation after the other
        if vars(kind).get("code") == code:
            return kind
        kinds += kind.__subclasses__()
    return None


@cache
def _facts_of(kind: type[MeshError]) -> frozenset[str]:
    try:
        return frozenset(inspect.signature(kind).parameters)
    except ValueError:  # it takes what Exception takes: words alone
        return frozenset()


def from_wire(code: str, sentence: str, details: Mapping[str, Any] | None = None) -> MeshError:
    """Rebuild an error that another process reported.

    Args:
        code: The ``code`` of its class.
        sentence: Its ``str()``.
        details: Its ``details``; they rebuild an error that carries facts. Those that this
            version does not know are left aside.

    Returns:
        An error of the same class, or ``RemoteError`` where this version has no such class or
        cannot make one out of these facts.
    """
    known = _class_of(code)
    if known is None:
        return RemoteError(code, sentence)
    try:
        takes = _facts_of(known)  # type: ignore[arg-type]  # mypy looks at an instance's hash
        facts = {name: fact for name, fact in (details or {}).items() if name in takes}
        error = known(**facts) if facts else known(sentence)
        spoken = str(error)  # a fact of a wrong kind may come to light only now
    except Exception:  # noqa: BLE001 - a stranger's facts, and maybe a stranger's class
        return RemoteError(code, sentence)
    return error if facts or spoken == sentence else RemoteError(code, sentence)
