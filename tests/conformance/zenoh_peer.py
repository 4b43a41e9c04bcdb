"""A member in a process of its own, to be stopped and killed.

python -m tests.conformance.zenoh_peer flood ENDPOINT   sends numbered frames for ever
python -m tests.conformance.zenoh_peer count ENDPOINT   says how many frames it got in order
"""

from __future__ import annotations

import asyncio
import sys

from cognitive_architecture.distributed_mesh.adapters.zenoh_fabric import ZenohFabric
from cognitive_architecture.foundation.settings import MeshSettings

from .meshes import numbered, numbers, sees

ORCHESTRATOR = "orchestrator/o1"
PEER = "node/peer"


async def flood(fabric: ZenohFabric) -> None:
    fabric.announce(PEER)
    number = 0
    while True:
        for _ in range(100):
            fabric.send(ORCHESTRATOR, numbered(number, number % 3000))
            number += 1
        await fabric.drained(ORCHESTRATOR)
        await asyncio.sleep(0)


async def count(fabric: ZenohFabric) -> None:
    got = 0

    def receive(frames: list[bytes]) -> None:
        nonlocal got
        assert numbers(frames) == list(range(got, got + len(frames)))
        got += len(frames)
        fabric.send(ORCHESTRATOR, numbered(got))

    await fabric.listen(PEER, receive)
    fabric.announce(PEER)
    await asyncio.Event().wait()


async def main(what: str, endpoint: str) -> None:
    settings = MeshSettings(name="conformance", connect=[endpoint], link_lease_s=10.0)
    fabric = ZenohFabric(settings, listens=False)
    await fabric.start()
    await sees(fabric, ORCHESTRATOR)
    await {"flood": flood, "count": count}[what](fabric)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
