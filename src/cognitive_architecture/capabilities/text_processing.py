"""The built-in capability ``text_processing``: what is in an English text.

    payload  {"text": str,
              "analyses": some of sentences, tokens, keywords, entities, readability, counts (all),
              "keywords_max": 1 to 100 (10),
              "language": "en",
              "atoms": {"document": name, "notation": "2026" or "classic", "keep": bool (false)}}
    result   an object with exactly the chosen analyses, and with "atoms" where they are asked for:
             {"document", "layers": ["L0" …], "left_out": {layer: why}, "unparsed": sentences,
              "atoms": how many, "notation": TEXT, "kept": true}

``atoms`` reads the text into atoms, in the layers that this machine has tools for (see
docs/text_layers.md): they are given back in a notation, kept in the hypergraph of the mesh, or
both; given back in 2026 if nothing is said.

Offsets count code points: ``text[start:end]`` is what was found. Everything is done by the pure
functions of :mod:`.language`; here, JSON becomes values and values become JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from cognitive_architecture.capabilities.language.counts import counts, measures
from cognitive_architecture.capabilities.language.documents import Document, read_document
from cognitive_architecture.capabilities.language.entities import entities
from cognitive_architecture.capabilities.language.keywords import keywords
from cognitive_architecture.capabilities.language.readability import readability
from cognitive_architecture.capabilities.payload_fields import (
    check_names,
    choice_field,
    choices_field,
    integer_field,
    text_field,
)
from cognitive_architecture.capabilities.text_atoms import (
    AtomsWanted,
    atoms_wanted,
    read_into_atoms,
)
from cognitive_architecture.distributed_mesh.handlers import RunningTask, handles

_KEYWORDS_MAX: Final = 100
_READ_SHARE: Final = 0.3


@handles("text_processing")
def process_text(payload: Mapping[str, Any], task: RunningTask) -> dict[str, Any]:
    """Find the sentences, tokens, keywords, entities, readability and counts of an English text.

    Args:
        payload: See the module.
        task: Told how far it is; if it is stopped, an incomplete result comes back early.

    Returns:
        See the module.

    Raises:
        InvalidPayload: The payload is not as described.
        PermanentFailure: Atoms are to be kept, and no node of the mesh keeps any.
        MeshError: The mesh did not keep them.
    """
    request = _request(payload)
    document = read_document(request.text)
    result: dict[str, Any] = {}
    for done, name in enumerate(request.analyses):
        if task.is_cancelled:
            return result
        share = _READ_SHARE + (1.0 - _READ_SHARE) * done / len(request.analyses)
        task.progress(share, f"{len(document.tokens):,} tokens read; next: {name}")
        result[name] = _ANALYSES[name](document, request)
    if request.atoms is not None and not task.is_cancelled:
        result["atoms"] = read_into_atoms(request.text, request.atoms, task)
    return result


@dataclass(frozen=True, slots=True)
class _Request:
    text: str
    analyses: tuple[str, ...]
    keywords_max: int
    atoms: AtomsWanted | None


def _request(payload: Mapping[str, Any]) -> _Request:
    check_names(payload, ("text", "analyses", "keywords_max", "language", "atoms"))
    choice_field(payload, "language", ("en",), default="en")
    return _Request(
        text=text_field(payload, "text"),
        analyses=choices_field(payload, "analyses", tuple(_ANALYSES)),
        keywords_max=integer_field(
            payload, "keywords_max", default=10, low=1, high=_KEYWORDS_MAX, where="payload"
        ),
        atoms=None if payload.get("atoms") is None else atoms_wanted(payload["atoms"]),
    )


def _sentences(document: Document, _request: _Request) -> list[dict[str, Any]]:
    return [
        {"text": sentence.text, "start": sentence.start, "end": sentence.end}
        for sentence in document.sentences
    ]


def _tokens(document: Document, _request: _Request) -> list[dict[str, Any]]:
    return [
        {"kind": token.kind.value, "text": token.text, "start": token.start, "end": token.end}
        for token in document.tokens
    ]


def _keywords(document: Document, request: _Request) -> list[dict[str, Any]]:
    return [
        {"text": keyword.text, "score": round(keyword.score, 4), "count": keyword.count}
        for keyword in keywords(document, keywords_max=request.keywords_max)
    ]


def _entities(document: Document, _request: _Request) -> list[dict[str, Any]]:
    return [asdict(entity) for entity in entities(document)]


def _readability(document: Document, _request: _Request) -> dict[str, Any]:
    """The scores, and the measures they come from, so that anybody can do the sum again."""
    found = measures(document)
    scores = asdict(readability(found))
    return {
        **{name: None if score is None else round(score, 2) for name, score in scores.items()},
        "measures": asdict(found),
    }


def _counts(document: Document, _request: _Request) -> dict[str, Any]:
    found = asdict(counts(document))
    found["lexical_diversity"] = round(found["lexical_diversity"], 4)
    found["reading_time_s"] = round(found["reading_time_s"], 1)
    return found


_ANALYSES: Final[Mapping[str, Callable[[Document, _Request], Any]]] = {
    "sentences": _sentences,
    "tokens": _tokens,
    "keywords": _keywords,
    "entities": _entities,
    "readability": _readability,
    "counts": _counts,
}
