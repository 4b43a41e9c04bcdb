"""Bytes that are no frames: counted, complained of once, and otherwise ignored."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final

import pytest
import zenoh

from cognitive_architecture.distributed_mesh.frames import encode_frame
from cognitive_architecture.distributed_mesh.messages import PROTOCOL_VERSION, Ask
from cognitive_architecture.distributed_mesh.model import DistributedTask
from tests.support.asynchronous import async_test

from .cli_processes import Process, free_endpoint
from .real_mesh import RealMesh, real_mesh, soon

pytestmark = pytest.mark.processes

_SOUND: Final = encode_frame("client/stranger~1", [Ask(1, "status")])
_HEAD: Final = bytes([0x93, PROTOCOL_VERSION]) + b"\xa6node/x"
_DEPTH: Final = 100_000

NO_FRAMES: Final = [
    b"",
    b"\x00" * 100,
    b"GET / HTTP/1.1\r\n\r\n",
    b"\xc1" * 3_000_000,
    _SOUND[:-1],
    _SOUND + b"\x00",
    _SOUND.replace(b"ask", b"axe"),
    b"\x91" * _DEPTH + b"\x90",
    _HEAD + b"\x91" * _DEPTH + b"\x90",
    _HEAD + b"\x91\x94\xa3ask\x01\xa6status\x81\xa1a" + b"\x91" * _DEPTH + b"\x90",
    _HEAD.replace(b"node/x", b"\xff" * 6) + b"\x90",
    _HEAD + b"\x91\x92\xa7unwatch\x91\xa1\xff",
]

FOREIGN_FRAMES: Final = [
    b"\x93\x63\xa6node/x\x90",
    b"\x93\x63\xa6node/x\x90",
    b"\x93\xff\xa2**\x90",
    b"\x93\xcf" + b"\xff" * 8 + b"\xa8node//x#\x90",
]
"""Of other versions, and the last two from senders that cannot be answered."""


@pytest.fixture
def mesh(tmp_path: Path) -> Iterator[RealMesh]:
    with real_mesh(tmp_path) as made:
        yield made


def _complaints(mesh: RealMesh, process: Process) -> list[str]:
    return [entry["sender"] for entry in mesh.logged(process, "frame_refused")]


def _has_complained(mesh: RealMesh, process: Process, *, times: int) -> bool:
    return len(_complaints(mesh, process)) >= times


def _frames_refused(page: str) -> int:
    with urllib.request.urlopen(f"http://{page}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    found = [line.split()[1] for line in lines if line.startswith("cogmesh_frames_refused_total")]
    return sum(int(float(count)) for count in found)  # before the first it is not on the page


def _stranger(endpoint: str) -> zenoh.Session:
    config = zenoh.Config()
    for name, value in {
        "mode": "client",
        "connect/endpoints": [endpoint],
        "scouting/multicast/enabled": False,
    }.items():
        config.insert_json5(name, json.dumps(value))
    return zenoh.open(config)


def _inboxes(session: zenoh.Session) -> list[str]:
    replies = session.liveliness().get("cogmesh/home/alive/*/*/*", timeout=5.0)
    keys = [str(reply.ok.key_expr) for reply in replies if reply.ok is not None]
    return [key.rpartition("/")[0].replace("/alive/", "/inbox/") for key in keys]


@async_test
async def test_garbage_is_counted_complained_of_once_and_ignored(mesh: RealMesh) -> None:
    page = free_endpoint().removeprefix("tcp/")
    mesh.set(metrics__listen=page)
    orchestrator = mesh.up()
    node = mesh.nodes("one")["one"]

    with closing(_stranger(mesh.commands.endpoint)) as stranger:
        inboxes = await soon(
            "orchestrator and node are seen",
            lambda: found if len(found := _inboxes(stranger)) == 2 else None,
        )
        for inbox in inboxes:
            for frame in [*NO_FRAMES, *FOREIGN_FRAMES]:
                stranger.put(inbox, frame, congestion_control=zenoh.CongestionControl.BLOCK)

        all_of_them = len(NO_FRAMES) + len(FOREIGN_FRAMES)
        await soon("all are counted", lambda: _frames_refused(page) >= all_of_them)
        for process in (orchestrator, node):
            await soon("it complains", partial(_has_complained, mesh, process, times=4))

    async with mesh.client() as client:
        await client.run(DistributedTask(task_type="quick", payload={}))

        async def node_is_well() -> bool:
            nodes = (await client.status())["nodes"]
            return bool(nodes["active"] == 1)

        await soon("the node is as good as before", node_is_well)
    assert _frames_refused(page) == all_of_them
    for process in (orchestrator, node):
        assert _complaints(mesh, process) == ["somebody", "node/x", "**", "node//x#"]
        assert process.is_alive
        assert "Traceback" not in process.stderr
