"""What is queued for slow readers is known, bounded by those who wait, and in nobody's way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from tests.support.asynchronous import async_test, turns, until

from .meshes import (
    Inbox,
    Mesh,
    Watcher,
    ZenohMesh,
    members,
    numbered,
    numbers,
    sees,
    sender_and_inbox,
)
from .processes import Child, child
from .zenoh_peer import ORCHESTRATOR, PEER

KIB = 1024
MIB = 1024 * KIB
BACKLOG_SMALL = MIB
"""What an adapter may call small: see ``drained``."""


class TestBacklog:
    @async_test
    async def test_nothing_is_queued_where_nothing_was_sent(self, mesh: Mesh) -> None:
        async with sender_and_inbox(mesh) as (sender, _inbox):
            assert sender.backlog_bytes("node/n1") == 0
            await sender.drained("node/n1")
            assert sender.backlog_bytes("node/unknown") == 0
            await sender.drained("node/unknown")

    @async_test
    async def test_sending_never_blocks_and_the_backlog_goes_down_to_nothing(
        self, mesh: Mesh
    ) -> None:
        async with sender_and_inbox(mesh) as (sender, inbox):
            for number in range(64):
                sender.send("node/n1", numbered(number, MIB))
                assert sender.backlog_bytes("node/n1") <= (number + 1) * MIB
            await sender.drained("node/n1")
            assert sender.backlog_bytes("node/n1") <= BACKLOG_SMALL
            assert numbers(await inbox.has(64)) == list(range(64))
            await until(lambda: sender.backlog_bytes("node/n1") == 0)

    @async_test
    async def test_who_waits_for_room_queues_little_and_loses_nothing(self, mesh: Mesh) -> None:
        async with sender_and_inbox(mesh) as (sender, inbox):
            most = 0
            for number in range(2000):
                sender.send("node/n1", numbered(number, 32 * KIB))
                most = max(most, sender.backlog_bytes("node/n1"))
                await sender.drained("node/n1")
            assert most <= BACKLOG_SMALL + 32 * KIB
            assert numbers(await inbox.has(2000)) == list(range(2000))

    @async_test
    async def test_everybody_who_waits_is_woken(self, mesh: Mesh) -> None:
        async with sender_and_inbox(mesh) as (sender, _inbox):
            for _ in range(32):
                sender.send("node/n1", bytes(MIB))
            await asyncio.gather(*(sender.drained("node/n1") for _ in range(10)))

    @async_test
    async def test_one_who_gives_up_waiting_disturbs_nobody(self, mesh: Mesh) -> None:
        async with sender_and_inbox(mesh) as (sender, _inbox):
            for _ in range(32):
                sender.send("node/n1", bytes(MIB))
            impatient, patient = (
                asyncio.ensure_future(sender.drained("node/n1")) for _ in range(2)
            )
            await turns(1)
            impatient.cancel()
            await patient
            await asyncio.wait([impatient])

    @async_test
    async def test_stopping_wakes_who_waits(self, mesh: Mesh) -> None:
        async with sender_and_inbox(mesh) as (sender, _inbox):
            for _ in range(32):
                sender.send("node/n1", bytes(MIB))
            waiting = asyncio.ensure_future(sender.drained("node/n1"))
            await turns(1)
            await sender.stop()
            await waiting

    @async_test
    async def test_a_flood_to_one_address_leaves_the_others_their_room(self, mesh: Mesh) -> None:
        async with sender_and_inbox(mesh) as (sender, inbox):
            other = await Inbox(inbox.fabric, "node/n2").open()
            await sees(sender, "node/n2")
            for _ in range(32):
                sender.send("node/n1", bytes(MIB))
            assert sender.backlog_bytes("node/n2") == 0
            sender.send("node/n2", b"hello")
            assert await other.has(1) == [b"hello"]
            await inbox.has(32)


@contextmanager
def peer(mesh: ZenohMesh, what: str) -> Iterator[Child]:
    with child("tests.conformance.zenoh_peer", what, mesh.endpoint) as process:
        yield process


@pytest.mark.processes
class TestPeersOfOtherProcesses:
    """Only a process of its own can be made to read nothing, or to die."""

    @async_test
    async def test_one_that_reads_nothing_for_a_while_misses_nothing(self) -> None:
        mesh = ZenohMesh()
        async with members(mesh, 1) as (sender,):
            counts = await Inbox(sender, ORCHESTRATOR).open()
            with peer(mesh, "count") as process:
                await sees(sender, PEER)
                process.pause()
                for number in range(512):
                    sender.send(PEER, numbered(number, 128 * KIB))
                waiting = asyncio.ensure_future(sender.drained(PEER))
                await turns()
                assert sender.backlog_bytes(PEER) > BACKLOG_SMALL
                assert not waiting.done()
                process.resume()
                await waiting
                await until(lambda: counts.frames and max(numbers(counts.frames)) == 512)

    @async_test
    async def test_one_that_reads_nothing_is_in_nobodys_way(self) -> None:
        mesh = ZenohMesh()
        async with members(mesh, 2) as (sender, receiver):
            inbox = await Inbox(receiver, "node/n1").open()
            await Inbox(sender, ORCHESTRATOR).open()
            with peer(mesh, "count") as process:
                await sees(sender, PEER, "node/n1")
                process.pause()
                for _ in range(512):
                    sender.send(PEER, bytes(128 * KIB))
                for number in range(1000):
                    sender.send("node/n1", numbered(number, 2000))
                assert numbers(await inbox.has(1000)) == list(range(1000))
                assert sender.backlog_bytes(PEER) > BACKLOG_SMALL

    @async_test
    async def test_nobody_waits_for_one_that_is_killed(self) -> None:
        mesh = ZenohMesh()
        async with members(mesh, 1) as (sender,):
            await Inbox(sender, ORCHESTRATOR).open()
            watcher = Watcher()
            with peer(mesh, "count") as process:
                await sees(sender, PEER)
                await sender.watch("node", watcher.on_presence)
                process.pause()
                for _ in range(512):
                    sender.send(PEER, bytes(128 * KIB))
                waiting = asyncio.ensure_future(sender.drained(PEER))
                await turns()
                assert not waiting.done()
                process.kill()
                await waiting
                await watcher.hears((PEER, True), (PEER, False))
                assert sender.backlog_bytes(PEER) == 0

    @async_test
    async def test_of_a_sender_that_is_killed_a_beginning_arrives(self) -> None:
        mesh = ZenohMesh()
        async with members(mesh, 1) as (receiver,):
            inbox = await Inbox(receiver, ORCHESTRATOR).open()
            watcher = Watcher()
            await receiver.watch("node", watcher.on_presence)
            with peer(mesh, "flood") as process:
                await inbox.has(5000)
                process.kill()
                await watcher.hears((PEER, True), (PEER, False))
                got = numbers(inbox.frames)
                assert got == list(range(len(got)))

    @async_test
    async def test_who_waits_for_room_stays_small_however_much_it_sends(self) -> None:
        mesh = ZenohMesh()
        async with members(mesh, 1) as (receiver,):
            got = 0

            def receive(frames: list[bytes]) -> None:
                nonlocal got
                got += len(frames)

            await receiver.listen(ORCHESTRATOR, receive)
            receiver.announce(ORCHESTRATOR)
            with peer(mesh, "flood") as process:
                await until(lambda: got > 5000)
                before = psutil.Process(process.pid).memory_info().rss
                await until(lambda: got > 25_000)  # 30 MB
                after = psutil.Process(process.pid).memory_info().rss
                assert after - before < 15 * MIB
