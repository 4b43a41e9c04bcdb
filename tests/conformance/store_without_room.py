"""Fills a small file system with a SQLite store, makes room, and says in JSON how it went.

python -m tests.conformance.store_without_room FOLDER
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from cognitive_architecture.distributed_mesh.adapters.sql_store import SqlTaskStore
from cognitive_architecture.distributed_mesh.records import WriteBatch
from cognitive_architecture.foundation.errors import StoreError
from cognitive_architecture.foundation.world import RealClock
from tests.support.builders import a_new_task

from .stores import open_serials

BALLAST_BYTES = 14_000_000
"""Of 24: what is left without it holds the log and the database that it is moved into."""


def main(folder: Path) -> dict[str, object]:
    ballast = folder / "ballast"
    ballast.write_bytes(bytes(BALLAST_BYTES))
    store = SqlTaskStore(folder / "store", RealClock())
    store.open()
    serial = 0
    refused_with: list[str] = []
    while len(refused_with) < 3:
        batch = WriteBatch([a_new_task(serial + n, payload=bytes(30_000)) for n in range(1, 11)])
        try:
            store.commit_now(batch)
            serial += 10
        except StoreError as error:
            refused_with.append(type(error).__name__)
            store._file.checkpointer._due.set()  # a checkpoint with no room fails, too
    said: dict[str, object] = {"acknowledged": serial, "refused_with": refused_with}
    said["found_while_full"] = len(open_serials(store))
    ballast.unlink()
    for n in range(1, 51):
        store.commit_now(WriteBatch([a_new_task(serial + n)]))
    said["found_with_room_again"] = len(open_serials(store))
    said["checkpoints_go_on"] = store._file.checkpointer._thread.is_alive()
    store.close()
    successor = SqlTaskStore(folder / "store", RealClock())
    successor.open()
    said["found_by_the_next_owner"] = len(open_serials(successor))
    successor.close()
    return said


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
