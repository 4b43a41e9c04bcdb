from typing import Any

import pytest

from cognitive_architecture.distributed_mesh.frames import encode_frame
from cognitive_architecture.distributed_mesh.handlers import (
    HandlerFunction,
    declared_handler,
    handles,
)
from cognitive_architecture.distributed_mesh.messages import (
    Assignment,
    Outcome,
    OutcomeKind,
    Report,
)
from cognitive_architecture.distributed_mesh.node.requests import NodeRequests
from cognitive_architecture.distributed_mesh.node.slots import SlotPool
from cognitive_architecture.foundation.errors import PermanentFailure
from cognitive_architecture.foundation.world import RealClock, World
from tests.support.asynchronous import async_test, turns
from tests.support.builders import a_spec


class Listener:
    """Writes down what the slots say."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.notes: list[str] = []

    def attempt_ended(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    def slot_freed(self) -> None:
        pass

    def slot_idles(self) -> None:
        pass

    def chunk(self, lease: int, index: int, data: bytes) -> None:
        pass

    def checkpoint(self, lease: int, data: bytes) -> None:
        pass

    def progressed(self, lease: int, fraction: float, note: str) -> None:  # noqa: ARG002
        self.notes.append(note)

    async def room_for_chunks(self) -> None:
        pass


class Silent(Exception):
    def __str__(self) -> str:
        raise KeyError


async def heard_of(*functions: HandlerFunction) -> Listener:
    """What one slot says when it works on one task for each function, one after the other."""
    listener = Listener()
    declared = [declared_handler(handles(f"h{n}")(f)) for n, f in enumerate(functions)]
    handlers = {handler.capability: handler for handler in declared if handler is not None}
    requests = NodeRequests(World(), None)
    pool = SlotPool(
        1,
        handlers,
        RealClock(),
        result_bytes_max=1000,
        checkpoint_bytes_max=1000,
        requests=requests,
    )
    pool.start(listener)
    pool.put([Assignment(n, 1, a_spec(f"t{n}", name)) for n, name in enumerate(handlers)])
    while len(listener.outcomes) < len(functions):
        await turns(1)
    await pool.close()
    return listener


def raising(error: BaseException) -> HandlerFunction:
    async def fail(payload: dict[str, Any], task: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "kind", "reason"),
    [
        (ValueError("\ud800"), OutcomeKind.FAILED, r"ValueError: \ud800 (fail, line "),
        (PermanentFailure("\ud800"), OutcomeKind.FAILED_FOR_GOOD, r"\ud800"),
        (SystemExit("\ud800"), OutcomeKind.FAILED, r"the handler called sys.exit(\ud800)"),
        (Silent(), OutcomeKind.FAILED, "Silent: a Silent whose str() raises KeyError (fail, line "),
        (ValueError("x" * 9000), OutcomeKind.FAILED, "ValueError: " + "x" * 1999 + "… (fail, "),
    ],
    ids=["half", "half for good", "half at exit", "silent", "long"],
)
@async_test
async def test_whatever_a_handler_raises_can_be_reported_and_the_slot_goes_on(
    error: BaseException, kind: int, reason: str
) -> None:
    async def fine(payload: dict[str, Any], task: object) -> int:
        return 1

    outcomes = (await heard_of(raising(error), fine)).outcomes
    assert [outcome.kind for outcome in outcomes] == [kind, OutcomeKind.COMPLETED]
    assert (outcomes[0].reason or "").startswith(reason)
    assert encode_frame("x", [Report(1, 1, outcomes)])


@async_test
async def test_a_note_with_half_a_character_can_travel() -> None:
    async def talk(payload: dict[str, Any], task: Any) -> None:
        task.progress(0.5, "\ud800")

    assert (await heard_of(talk)).notes == [r"\ud800"]
