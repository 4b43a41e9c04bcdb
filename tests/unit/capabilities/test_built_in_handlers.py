from __future__ import annotations

from cognitive_architecture.capabilities import BUILT_IN_HANDLERS
from cognitive_architecture.distributed_mesh.handlers import HandlerKind


def test_every_node_can_do_three_things_out_of_the_box() -> None:
    assert [handler.capability for handler in BUILT_IN_HANDLERS] == [
        "text_processing",
        "reasoning",
        "dialogue",
    ]


def test_they_run_in_threads_and_describe_themselves() -> None:
    assert {handler.kind for handler in BUILT_IN_HANDLERS} == {HandlerKind.THREAD}
    assert all(handler.description.endswith(".") for handler in BUILT_IN_HANDLERS)
