"""What else matters when a concept does."""

from __future__ import annotations

import numpy as np

from cognitive_architecture.attention import AccountKind, AttentionBank


def raised_levels(bank: AttentionBank, concept: int, levels: float) -> dict[str, float]:
    """By how many levels the tasks of a concept, and of its Hebbian neighbours, are raised.

    Args:
        bank: The economy.
        concept: Handle of an open atom.
        levels: For the concept itself; negative lowers.

    Returns:
        Levels by name of the concept: its own, and for each neighbour these times the strength and
        the confidence of the link to it. Neighbours that are no atoms, and those that would not
        move, are left out.
    """
    accounts = bank.ledger.accounts
    raised = {accounts.name(concept): levels}
    links = bank.links.of(np.array([concept], dtype=np.int64))
    for target, weight in zip(
        links.targets.tolist(), (links.strengths * links.confidences).tolist(), strict=True
    ):
        if accounts.kind(target) is AccountKind.ATOM and levels * weight != 0:
            raised[accounts.name(target)] = levels * weight
    return raised
