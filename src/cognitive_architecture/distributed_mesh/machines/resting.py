"""Who pauses, and until when."""

from __future__ import annotations

import math

from .board import Board
from .entry import Entry, Phase


def rest(board: Board, entry: Entry, until: float) -> None:
    """Let the entry pause."""
    board.ticket += 1
    entry.phase = Phase.RESTING
    entry.ticket = board.ticket
    board.resting.push((until, board.ticket, entry))


def next_rested(board: Board) -> float:
    """When the next pause is over; infinite if nothing rests."""
    while (first := board.resting.first) is not None:
        until, ticket, entry = first
        if entry.ticket == ticket and entry.phase is Phase.RESTING:
            return until
        board.resting.pop()  # cancelled or claimed meanwhile
    return math.inf


def rests_until(board: Board, entry: Entry) -> float | None:
    """When the pause of an entry is over; a search, for whoever asks why."""
    return next((until for until, ticket, _ in board.resting if ticket == entry.ticket), None)


def rested(board: Board, now: float) -> list[Entry]:
    """Those whose pause is over."""
    found = []
    while next_rested(board) <= now:
        found.append(board.resting.pop()[2])
    return found
