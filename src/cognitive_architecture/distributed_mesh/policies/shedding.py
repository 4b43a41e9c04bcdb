"""What is refused first when the queue fills up: what matters least."""

from __future__ import annotations

from typing import Final

from cognitive_architecture.distributed_mesh.model import PRIORITY_DEFAULT, PRIORITY_MIN

SHED_FROM: Final = 0.8
"""The share of its bound to which the queue fills for everybody alike."""


def share_open_to(priority: int) -> float:
    """The share of the queue's bound that tasks of this priority may fill, ``SHED_FROM`` to 1.

    The least urgent may fill no more than ``SHED_FROM``, the others below the default priority in
    equal steps more, and everybody from the default on may fill all of it. So a flood of
    unimportant tasks never keeps an important one out.
    """
    rank = (priority - PRIORITY_MIN) / (PRIORITY_DEFAULT - PRIORITY_MIN)
    return SHED_FROM + (1.0 - SHED_FROM) * min(1.0, rank)
