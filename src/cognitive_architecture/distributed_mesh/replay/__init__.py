"""What the dispatch machine was told, kept so that every decision can be taken again.

    journal     bytes ↔ records: the machine at its beginning, and every call with its answer
    recorded    a machine that writes down what it is told
    player      tells a fresh machine the same, and compares

A decision of the machine follows from what it was told before and from nothing else: no clock, no
network, no draw but those of its seed. So a journal is enough to ask later why a task went where it
went, and a decision that comes out differently is a bug by definition.
"""

from .journal import Beginning, Call, Journal, Step, read
from .player import Difference, Player
from .recorded import RecordedMachine

__all__ = [
    "Beginning",
    "Call",
    "Difference",
    "Journal",
    "Player",
    "RecordedMachine",
    "Step",
    "read",
]
