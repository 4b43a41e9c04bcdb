"""What the economy answers to whoever asks over the mesh."""

from __future__ import annotations

from typing import Any

from cognitive_architecture.attention import InvalidAmount
from cognitive_architecture.foundation.errors import MeshError
from cognitive_architecture.foundation.sentences import shown

from .economy import MeshEconomy

_TOP_MAX = 1000


async def answer_about_attention(
    economy: MeshEconomy | None, subject: str, arguments: dict[str, Any]
) -> Any:
    """Answer an Ask.

    Args:
        economy: The one of this mesh, if any.
        subject: ``attention`` (arguments: top), ``attention_order`` (kind, name, by, order) or
            ``attention_past``.
        arguments: Of the subject.

    Raises:
        MeshError: There is no economy, or it refuses.
    """
    if economy is None or not economy.is_running:
        raise MeshError(
            "attention is switched off in this mesh: start its orchestrator with the setting "
            "attention.is_on, or call setup_ecan_integration()"
        )
    match subject:
        case "attention":
            return economy.show(top=_whole(arguments.get("top", 10)))
        case "attention_order":
            return await _order(economy, arguments)
        case _:
            return await _past(economy)


async def _order(economy: MeshEconomy, arguments: dict[str, Any]) -> dict[str, Any]:
    kind, name, order = (arguments.get(field) for field in ("kind", "name", "order"))
    by = arguments.get("by")
    if isinstance(by, bool) or not isinstance(by, int | float):
        raise InvalidAmount(f"by: a number of STI is needed, not {shown(by)}")
    for field, value in (("kind", kind), ("name", name), ("order", order)):
        if not isinstance(value, str):
            raise InvalidAmount(f"{field}: a text is needed, not {shown(value)}")
    return await economy.stimulate(str(kind), str(name), by, order=str(order))


async def _past(economy: MeshEconomy) -> dict[str, Any]:
    kept = await economy.past()
    return {
        "checkpoint": kept.checkpoint,
        "records": list(kept.records),
        "instants": list(kept.instants),
        "beliefs": [[source, piece] for source, piece in kept.beliefs.items()],
    }


def _whole(top: object) -> int:
    if isinstance(top, bool) or not isinstance(top, int) or not 1 <= top <= _TOP_MAX:
        raise InvalidAmount(f"top: a whole number from 1 to {_TOP_MAX}, not {shown(top)}")
    return top
