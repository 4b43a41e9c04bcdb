"""The built-in capability ``dialogue``: who says what in an English prose text.

    payload  {"text": str,
              "characters": [names known beforehand] (none)}
    result   {"turns": [{"speaker", "text", "start", "end", "rule", "resolved_by", "confidence",
                         "continues"}],
              "speakers": {name: number of turns},
              "narration_ratio": 0 to 1}

A turn's ``text`` is what stands between the quotation marks, ``text[start:end]`` of the whole. A
turn that ``continues`` belongs to the one before it: the speech was only interrupted, as by ``said
Mara``; it adds nothing to ``speakers``. Who speaks is decided by :mod:`.language.speakers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from cognitive_architecture.capabilities.language.documents import read_document
from cognitive_architecture.capabilities.language.speakers import read_dialogue
from cognitive_architecture.capabilities.payload_fields import (
    check_names,
    list_field,
    shown,
    text_field,
)
from cognitive_architecture.distributed_mesh.handlers import RunningTask, handles
from cognitive_architecture.foundation.errors import InvalidPayload

_CHARACTERS_MAX: Final = 1_000


@handles("dialogue")
def attribute_speech(payload: Mapping[str, Any], task: RunningTask) -> dict[str, Any]:
    """Find the quoted speech of an English prose text and say who speaks.

    Args:
        payload: See the module.
        task: Told how far it is; if it is stopped, an empty result comes back early.

    Returns:
        See the module.

    Raises:
        InvalidPayload: The payload is not as described.
    """
    check_names(payload, ("text", "characters"))
    text = text_field(payload, "text")
    characters = _characters(payload)
    task.progress(0.0, f"reading {len(text):,} characters")
    document = read_document(text)
    if task.is_cancelled:
        return {}
    task.progress(0.4, f"looking for speech in {len(document.paragraphs):,} paragraphs")
    found = read_dialogue(document, characters)
    task.progress(0.9, f"{len(found.turns):,} turns found")
    return {
        "turns": [asdict(turn) for turn in found.turns],
        "speakers": found.turns_by_speaker,
        "narration_ratio": round(found.narration_ratio, 4),
    }


def _characters(payload: Mapping[str, Any]) -> tuple[str, ...]:
    if "characters" not in payload:
        return ()
    names = list_field(payload, "characters")
    if len(names) > _CHARACTERS_MAX:
        raise InvalidPayload(
            f"payload.characters: at most {_CHARACTERS_MAX:,} names, not {len(names):,}"
        )
    for position, name in enumerate(names):
        if not isinstance(name, str) or not any(char.isalnum() for char in name):
            raise InvalidPayload(
                f"payload.characters[{position}]: a name with a letter in it, not {shown(name)}"
            )
    return tuple(names)
