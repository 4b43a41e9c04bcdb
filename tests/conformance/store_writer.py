"""Commits batch after batch to a SQLite store and says which are durable, until it is killed.

python -m tests.conformance.store_writer FOLDER

Each line is printed after its commit has returned: first and last serial of the batch.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from cognitive_architecture.distributed_mesh.adapters.sql_store import SqlTaskStore
from cognitive_architecture.distributed_mesh.records import WriteBatch
from cognitive_architecture.foundation.world import RealClock
from tests.support.builders import a_new_task, an_ending

from .stores import attempts_of, charge

SIZES = (1, 1, 4, 30, 300, 1, 2000, 7)


def batch_of(first: int, last: int) -> WriteBatch:
    """Tasks that name their batch; every second one has ended, the first was tried before."""
    serials = range(first, last + 1)
    batch = WriteBatch(
        [a_new_task(serial, task_type=f"{first}-{last}") for serial in serials],
        [an_ending(serial) for serial in serials if serial % 2],
    )
    batch.extend(attempts_of(first, 1))
    batch.extend(charge(f"{first % 3}", len(batch.endings), lag=last))
    return batch


async def main(folder: str) -> None:
    store = SqlTaskStore(Path(folder), RealClock())
    serial = store.open().last_serial
    while True:
        for size in SIZES:
            first, last = serial + 1, serial + size
            assert await store.commit(batch_of(first, last)) == {}
            print(first, last, flush=True)
            serial = last


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
