"""An economy made anew of what a store has kept."""

from __future__ import annotations

from collections.abc import Sequence

from cognitive_architecture.attention import AccountKind, AttentionBank, Ledger, Parameters
from cognitive_architecture.attention.history import History, history_of
from cognitive_architecture.attention.ledger import Sink

from .beliefs import unpacked
from .ports import Kept


def restored_bank(
    kept: Kept,
    parameters: Parameters,
    *,
    journal: Sink | None = None,
    kinds: Sequence[AccountKind] = (AccountKind.ATOM,),
) -> AttentionBank:
    """The bank that was kept; a new one if nothing was.

    Args:
        kept: As a store says.
        parameters: Of the laws. What the bank was founded with stays as it was.
        journal: Keeps the records to come.
        kinds: Whose accounts the focus is made of.

    Raises:
        JournalDamaged: It is not what was written.
    """
    if kept.checkpoint is None and not kept.records:
        return AttentionBank(parameters, journal=journal, kinds=kinds)
    ledger = Ledger.replayed(b"".join(kept.records), checkpoint=kept.checkpoint, sink=journal)
    links = unpacked(kept.beliefs, parameters.links_max)
    return AttentionBank(parameters, ledger=ledger, links=links, kinds=kinds)


def past_of(
    kept: Kept, *, kinds: Sequence[AccountKind], accounts_max: int = 12, focus_size: int = 100
) -> History:
    """What the kept records tell, for pictures.

    Raises:
        JournalDamaged: They are not what was written.
    """
    return history_of(
        b"".join(kept.records),
        checkpoint=kept.checkpoint,
        instants=kept.instants or None,
        kinds=kinds,
        atoms_max=accounts_max,
        focus_size=focus_size,
    )
