"""Reading a text into atoms, for ``text_processing``: given back, kept in the mesh, or both."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from cognitive_architecture.atomspace import AtomSpace, AtomSpaceError, StringValue
from cognitive_architecture.atomspace.notation import dump
from cognitive_architecture.atomspace.text import ReadText, TextReader
from cognitive_architecture.capabilities.linguistics import text_reader
from cognitive_architecture.capabilities.payload_fields import (
    check_names,
    choice_field,
    flag_field,
    shown,
)
from cognitive_architecture.distributed_mesh.handlers import MeshAccess, RunningTask
from cognitive_architecture.foundation.errors import InvalidPayload, PermanentFailure
from cognitive_architecture.hypergraph import Hypergraph, NoMemoryNode
from cognitive_architecture.memory.errors import NestedTooDeep

_NAME_MAX: Final = 200
_DIALECTS: Final = ("2026", "classic")
"""MeTTa has no values, and without them no text comes back from its atoms."""

_one_at_a_time: Final = threading.Lock()
"""A parser works for one thread at a time, and loading one takes a tenth of a second."""


@dataclass(frozen=True, slots=True)
class AtomsWanted:
    """What is to become of the atoms of a text."""

    document: str
    notation: str | None
    """The dialect they are given back in; ``None``: they are not."""
    is_kept: bool


def atoms_wanted(asked: object) -> AtomsWanted:
    """Read the field ``atoms`` of a payload.

    Raises:
        InvalidPayload: It is not as ``text_processing`` describes it.
    """
    where = "payload.atoms"
    if not isinstance(asked, Mapping):
        raise InvalidPayload(f"{where}: an object is required, not {shown(asked)}")
    check_names(asked, ("document", "notation", "keep"), where)
    document = asked.get("document")
    if not isinstance(document, str) or not 0 < len(document) <= _NAME_MAX:
        raise InvalidPayload(
            f"{where}.document: a name of 1 to {_NAME_MAX} characters is required, "
            f"not {shown(document)}"
        )
    is_kept = flag_field(asked, "keep", where=where)
    notation = None
    if "notation" in asked or not is_kept:
        notation = choice_field(asked, "notation", _DIALECTS, default=_DIALECTS[0], where=where)
    return AtomsWanted(document, notation, is_kept)


def read_into_atoms(text: str, wanted: AtomsWanted, task: RunningTask) -> dict[str, Any]:
    """Read a text with the tools of this machine, and give or keep its atoms.

    Returns:
        ``document``, ``layers`` that were read, ``left_out`` with the reason of each other layer,
        how many sentences were ``unparsed``, how many ``atoms`` there are, and as it was asked
        the atoms in ``notation``, and whether they are ``kept``.

    Raises:
        InvalidPayload: The text cannot be said, or another is kept under this name.
        PermanentFailure: They are to be kept, and no node of the mesh keeps atoms.
        MeshError: The mesh did not keep them.
    """
    space = AtomSpace()
    try:
        with _one_at_a_time:
            read = _reader().read(space, wanted.document, text)
        found = _described(space, read)
        if wanted.notation is not None:
            found["notation"] = "".join(dump(space, dialect=wanted.notation))
    except AtomSpaceError as error:
        raise InvalidPayload(f"payload.text: {error}") from error
    if wanted.is_kept:
        task.progress(0.95, f"keeping {len(space):,} atoms")
        task.mesh.wait(_keep(space, read, task.mesh, task.priority))
        found["kept"] = True
    return found


@cache
def _reader() -> TextReader:
    return text_reader()


def _described(space: AtomSpace, read: ReadText) -> dict[str, Any]:
    return {
        "document": read.document.name,
        "layers": [str(layer) for layer in read.layers],
        "left_out": {str(layer): reason for layer, reason in read.left_out.items()},
        "unparsed": len(read.unparsed),
        "atoms": len(space),
    }


async def _keep(space: AtomSpace, read: ReadText, mesh: MeshAccess, priority: int) -> None:
    graph = Hypergraph(mesh, priority=priority)
    try:
        known = await graph.values([read.document])
        before = known.values.get(read.document, {}).get("text")
        if isinstance(before, StringValue) and before != space.value(read.document, "text"):
            raise InvalidPayload(
                f"payload.atoms.document: {shown(read.document.name)} is kept already with another "
                "text: remove it first, or choose another name"
            )
        await graph.add_space(space)
    except (NoMemoryNode, NestedTooDeep) as error:
        raise PermanentFailure(str(error)) from error
