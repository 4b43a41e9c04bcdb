"""Changes a space that a SQLite store keeps, and says what is durable, until it is killed.

python -m tests.conformance.atom_store_writer FOLDER

Each line is printed after its commit has returned: the number of the last round that is durable.
What a space holds after some rounds, ``after_round`` says. The log is folded all the time, on a
thread of its own.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from cognitive_architecture.atomspace import AtomSpace, FloatValue, Node
from cognitive_architecture.atomspace_store import KeptSpace, SqlAtomStore
from cognitive_architecture.foundation.world import RealClock

COUNTER = Node("Concept", "rounds")
SIZES = (1, 3, 40, 1, 400, 2)
KEPT_ROUNDS = 60


def play(space: AtomSpace, number: int) -> None:
    """Change a space as round ``number`` does."""
    hub = space.node("Concept", f"hub-{number % 7}")
    for place in range(SIZES[number % len(SIZES)]):
        atom = space.node("Concept", f"round-{number}-{place}")
        link = space.link("Inheritance", atom, hub)
        space.link("Set", link, atom)
        if place % 2:
            space.set_value(link, "weights", FloatValue((float(number), float(place))))
    old = number - KEPT_ROUNDS
    for place in range(SIZES[old % len(SIZES)] if old >= 0 else 0):
        space.remove(Node("Concept", f"round-{old}-{place}"), with_incoming=True)
    space.set_value(hub, "last", FloatValue((float(number),)))
    space.set_value(space.add(COUNTER), "done", FloatValue((float(number),)))


def last_round(space: AtomSpace) -> int:
    """The last round that a space has seen; -1 if none."""
    done = space.value(COUNTER, "done")
    return int(done.values[0]) if isinstance(done, FloatValue) else -1


def main(folder: str) -> None:
    store = SqlAtomStore(Path(folder), RealClock())
    store.open()
    kept = KeptSpace(AtomSpace(), store)
    number = last_round(kept.space)

    def fold() -> None:
        while True:
            store.compact()

    threading.Thread(target=fold, daemon=True).start()
    while True:
        number += 1
        play(kept.space, number)
        kept.commit_now()
        print(number, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
