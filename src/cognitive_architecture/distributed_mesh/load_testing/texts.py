"""Texts to send."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Final

from cognitive_architecture.distributed_mesh.model import DistributedTask
from cognitive_architecture.foundation.world import World

from .config import COMPLEXITIES

CAPABILITY: Final = "text_processing"
"""What every node can do out of the box, so what load tests ask for."""

REQUESTER: Final = "load_testing"
"""Under this name the tasks of load tests can be listed."""

_TIMEOUT_S: Final = 30.0
_VARIETY: Final = 16
_SENTENCES_OF_A_PARAGRAPH: Final = 5

_SENTENCES: Final = (
    "Mara Venn carried the lamp up the stairs of the old lighthouse at Harrow Point.",
    '"You should not be here after dark," said the keeper, and he closed the iron door.',
    "The harbour had been empty since the storm of last October.",
    "Three of the seven boats never came back.",
    "Doctor Ilse Brandt counted the tide marks and wrote them into a green notebook.",
    '"How long will the oil last?" Mara asked.',
    '"Until Thursday," he answered, "if nobody lights the second lamp."',
    "In the valley behind the cliffs the bells of Saint Orrin began to ring.",
    "Nobody in the village remembered who had built the sea wall.",
    "The price of salt rose by 12.5 percent between March and June.",
    "She opened the letter slowly, read it twice, and put it into the fire.",
    "Old Tom Harker knew every rock between the point and the river mouth.",
    "A grey ship without a flag lay at anchor outside the bay.",
    "They waited for the signal, but the signal did not come.",
    "It rained for nine days, and on the tenth the road to Aldermoor was gone.",
    '"Then we go by water," whispered Mara, and she untied the boat.',
)


def task_maker(world: World, complexity: str, run_id: str) -> Callable[[], DistributedTask]:
    """A function that makes the tasks of one load test.

    The texts are made here once, so that making them is not measured.
    """
    chance = world.rng(f"texts of {run_id}")
    texts = itertools.cycle(
        [_text(chance.choice, COMPLEXITIES[complexity]) for _ in range(_VARIETY)]
    )

    def make() -> DistributedTask:
        return DistributedTask(
            task_id=world.ids.next_id("load"),
            task_type=CAPABILITY,
            payload={"text": next(texts)},
            timeout=_TIMEOUT_S,
            requester_node=REQUESTER,
        )

    return make


def _text(choose: Callable[[tuple[str, ...]], str], length: int) -> str:
    """Paragraphs of ``length`` characters together, or the rest of a sentence more."""
    sentences: list[str] = []
    written = 0
    while written < length:
        sentences.append(choose(_SENTENCES))
        written += len(sentences[-1]) + 1
    starts = range(0, len(sentences), _SENTENCES_OF_A_PARAGRAPH)
    return "\n\n".join(
        " ".join(sentences[start : start + _SENTENCES_OF_A_PARAGRAPH]) for start in starts
    )
