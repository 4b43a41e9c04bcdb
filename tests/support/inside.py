"""A look into an orchestrator of the simulation: do its books agree with each other?"""

from __future__ import annotations

from cognitive_architecture.distributed_mesh.orchestrator import CognitiveMeshOrchestrator

from .invariants import check_invariants

_TRIED_AGAIN_WITHIN_S = 30.0


def look_inside(orchestrator: CognitiveMeshOrchestrator) -> None:
    """Fail with a sentence if any two books disagree, or a queue exceeds its bound."""
    tenure = orchestrator._life.tenure_so_far
    if tenure is None:
        return
    dispatcher = tenure.dispatcher
    board = dispatcher.board
    check_invariants(board)
    bound = max(board.settings.queue_tasks_max, dispatcher.found)
    assert len(board.entries) <= bound, f"{len(board.entries)} tasks are open, {bound} may be"
    assert board.open_bytes <= board.settings.queue_bytes_max
    now = dispatcher._clock.now()
    for (node_id, capability), circuit in board.circuits._circuits.items():
        assert not circuit.is_shut or now < circuit.until + _TRIED_AGAIN_WITHIN_S, (
            f"{node_id} is left alone with {capability} for longer than it should be"
        )
