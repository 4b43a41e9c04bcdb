"""Frames arrive, all of them, in order, in batches, on the event loop."""

from __future__ import annotations

import asyncio
import threading

from tests.support.asynchronous import async_test, turns, until

from .meshes import (
    Inbox,
    Mesh,
    TurnCounter,
    Watcher,
    members,
    numbered,
    numbers,
    sees,
    sender_and_inbox,
)

MIB = 1024 * 1024


class TestOneSender:
    @async_test
    async def test_who_sees_the_announcement_may_send_at_once(self, mesh: Mesh) -> None:
        async with members(mesh, 2) as (sender, receiver):

            def on_presence(address: str, _is_there: bool) -> None:
                sender.send(address, b"hello")

            await sender.watch("node", on_presence)
            inbox = await Inbox(receiver, "node/n1").open()
            assert await inbox.has(1) == [b"hello"]

    @async_test
    async def test_frames_of_all_sizes_arrive_as_they_were(self, mesh: Mesh) -> None:
        frames = [b"", b"\x00", bytes(range(256)), b"x" * 65_535, b"y" * 65_536, b"z" * (9 * MIB)]
        async with sender_and_inbox(mesh) as (sender, inbox):
            for frame in frames:
                sender.send("node/n1", frame)
            assert await inbox.has(len(frames)) == frames

    @async_test
    async def test_twenty_thousand_of_mixed_sizes_arrive_in_order(self, mesh: Mesh) -> None:
        sizes = [MIB if number % 1000 == 999 else number % 1500 for number in range(20_000)]
        async with sender_and_inbox(mesh) as (sender, inbox):
            for number, size in enumerate(sizes):
                sender.send("node/n1", numbered(number, size))
            frames = await inbox.has(len(sizes))
            assert numbers(frames) == list(range(len(sizes)))
            assert [len(frame) for frame in frames] == [max(4, size) for size in sizes]

    @async_test
    async def test_order_holds_between_what_is_queued_and_what_is_not(self, mesh: Mesh) -> None:
        # Bursts that queue, and single frames that come when the queue may just be empty.
        async with sender_and_inbox(mesh) as (sender, inbox):
            sent = 0
            for burst in range(60):
                for _ in range(30 if burst % 3 == 0 else 1):
                    sender.send("node/n1", numbered(sent, 20_000))
                    sent += 1
                if burst % 4 == 0:
                    sender.heard_from("node/n1")
                await turns(burst % 7)
            assert numbers(await inbox.has(sent)) == list(range(sent))

    @async_test
    async def test_what_arrives_together_is_delivered_together(self, mesh: Mesh) -> None:
        async with sender_and_inbox(mesh) as (sender, inbox):
            for number in range(500):
                sender.send("node/n1", numbered(number))
            await inbox.has(500)
            # How many come in one turn is up to the threads that bring them; while the loop was
            # busy with sending, it was more than one.
            assert len(inbox.deliveries) < 500
            assert all(inbox.deliveries), "nobody is woken for nothing"

    @async_test
    async def test_a_turn_of_the_loop_brings_at_most_one_delivery(self, mesh: Mesh) -> None:
        async with sender_and_inbox(mesh) as (sender, inbox):
            counter = TurnCounter()
            seen: list[int] = []
            await inbox.fabric.listen("node/n2", lambda _frames: seen.append(counter.turn))
            inbox.fabric.announce("node/n2")
            await sees(sender, "node/n2")
            for number in range(300):
                sender.send("node/n2", numbered(number))
                if number % 10 == 0:
                    await asyncio.sleep(0)
            sender.send("node/n1", b"the end")
            await inbox.has(1)
            await until(lambda: seen)
            assert len(set(seen)) == len(seen)

    @async_test
    async def test_receivers_run_on_the_loop_and_never_within_send(self, mesh: Mesh) -> None:
        async with sender_and_inbox(mesh) as (sender, inbox):
            sender.send("node/n1", b"hello")
            assert inbox.deliveries == []
            await inbox.has(1)
            assert inbox.threads == {threading.get_ident()}

    @async_test
    async def test_a_receiver_that_raises_gets_the_next_frames_too(self, mesh: Mesh) -> None:
        complaints: list[object] = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: complaints.append(context["exception"]))
        heard: list[bytes] = []

        def receive(frames: list[bytes]) -> None:
            heard.extend(frames)
            raise ZeroDivisionError

        async with sender_and_inbox(mesh) as (sender, inbox):
            await inbox.fabric.listen("node/n2", receive)
            inbox.fabric.announce("node/n2")
            await sees(sender, "node/n2")
            while len(heard) < 3:
                before = list(heard)
                sender.send("node/n2", numbered(len(heard)))
                await until(lambda: heard != before)  # noqa: B023 - it ends before the next turn
            assert numbers(heard) == [0, 1, 2]
            assert [type(complaint) for complaint in complaints] == [ZeroDivisionError] * 3


class TestSeveralMembers:
    @async_test
    async def test_each_sender_is_heard_in_its_order(self, mesh: Mesh) -> None:
        count = 3000
        async with members(mesh, 3) as (receiver, first, second):
            inbox = await Inbox(receiver, "node/n1").open()
            await asyncio.gather(sees(first, "node/n1"), sees(second, "node/n1"))
            for number in range(count):
                first.send("node/n1", b"1" + numbered(number, 300))
                second.send("node/n1", b"2" + numbered(number, 300))
                if number % 100 == 0:
                    await asyncio.sleep(0)
            frames = await inbox.has(2 * count)
            for name in (b"1", b"2"):
                mine = [frame[1:] for frame in frames if frame[:1] == name]
                assert numbers(mine) == list(range(count))

    @async_test
    async def test_both_directions_at_once(self, mesh: Mesh) -> None:
        count = 3000
        async with members(mesh, 2) as (first, second):
            inboxes = [
                await Inbox(first, "orchestrator/o1").open(),
                await Inbox(second, "node/n1").open(),
            ]
            await asyncio.gather(sees(first, "node/n1"), sees(second, "orchestrator/o1"))
            for number in range(count):
                first.send("node/n1", numbered(number, 2000))
                second.send("orchestrator/o1", numbered(number, 2000))
            for inbox in inboxes:
                assert numbers(await inbox.has(count)) == list(range(count))

    @async_test
    async def test_two_addresses_of_one_member_get_their_own(self, mesh: Mesh) -> None:
        async with members(mesh, 2) as (sender, receiver):
            one = await Inbox(receiver, "node/n1").open()
            ten = await Inbox(receiver, "node/n10").open()
            await sees(sender, "node/n1", "node/n10")
            for number in range(100):
                sender.send("node/n1", numbered(number))
                sender.send("node/n10", numbered(1000 + number))
            assert numbers(await one.has(100)) == list(range(100))
            assert numbers(await ten.has(100)) == list(range(1000, 1100))

    @async_test
    async def test_a_member_can_send_to_itself(self, mesh: Mesh) -> None:
        async with members(mesh, 1) as (alone,):
            inbox = await Inbox(alone, "node/n1").open()
            for number in range(100):
                alone.send("node/n1", numbered(number))
            assert numbers(await inbox.has(100)) == list(range(100))

    @async_test
    async def test_meshes_do_not_hear_each_other(self, mesh: Mesh) -> None:
        async with members(mesh, 2) as (ours, our_node):
            theirs = mesh.stranger()
            await theirs.start()
            try:
                our_inbox = await Inbox(our_node, "node/n1").open()
                their_inbox = await Inbox(theirs, "node/n1").open()
                their_inbox_alone = await Inbox(theirs, "node/n2").open()
                await asyncio.gather(sees(ours, "node/n1"), sees(theirs, "node/n1", "node/n2"))
                ours.send("node/n2", b"ours")
                ours.send("node/n1", b"ours")
                theirs.send("node/n1", b"theirs")
                assert await our_inbox.has(1) == [b"ours"]
                assert await their_inbox.has(1) == [b"theirs"]
                assert their_inbox_alone.frames == []
            finally:
                await theirs.stop()


class TestNobodyListens:
    @async_test
    async def test_a_frame_to_an_address_that_never_was_is_lost(self, mesh: Mesh) -> None:
        async with sender_and_inbox(mesh) as (sender, inbox):
            for _ in range(100):
                sender.send("node/nobody", bytes(100_000))
            await sender.drained("node/nobody")
            sender.send("node/n1", b"hello")
            assert await inbox.has(1) == [b"hello"]

    @async_test
    async def test_a_frame_to_an_address_that_is_gone_is_lost(self, mesh: Mesh) -> None:
        async with members(mesh, 3) as (sender, stays, goes):
            inbox = await Inbox(stays, "node/stays").open()
            gone = await Inbox(goes, "node/goes").open()
            await sees(sender, "node/stays", "node/goes")
            await goes.stop()
            for _ in range(100):
                sender.send("node/goes", bytes(100_000))
            await sender.drained("node/goes")
            sender.send("node/stays", b"hello")
            assert await inbox.has(1) == [b"hello"]
            assert gone.frames == []

    @async_test
    async def test_who_ignores_its_address_hears_nothing_and_the_rest_goes_on(
        self, mesh: Mesh
    ) -> None:
        async with members(mesh, 2) as (sender, receiver):
            ignored = await Inbox(receiver, "node/n1").open()
            inbox = await Inbox(receiver, "node/n2").open()
            await sees(sender, "node/n1", "node/n2")
            receiver.ignore("node/n1")
            receiver.ignore("node/never-listened")
            sender.send("node/n1", b"lost")
            sender.send("node/n2", b"hello")
            assert await inbox.has(1) == [b"hello"]
            assert ignored.frames == []

    @async_test
    async def test_only_who_listens_can_ignore(self, mesh: Mesh) -> None:
        async with sender_and_inbox(mesh) as (sender, inbox):
            sender.ignore("node/n1")
            sender.send("node/n1", b"hello")
            assert await inbox.has(1) == [b"hello"]

    @async_test
    async def test_who_listens_again_hears_again(self, mesh: Mesh) -> None:
        async with sender_and_inbox(mesh) as (sender, inbox):
            watcher = Watcher()
            await sender.watch("node", watcher.on_presence)
            await watcher.hears(("node/n1", True))
            inbox.fabric.ignore("node/n1")
            inbox.fabric.withdraw("node/n1")
            again = await Inbox(inbox.fabric, "node/n1").listen()
            inbox.fabric.announce("node/n1")
            sender.send("node/n1", b"too early or not")
            # Whoever looks anew may still find the announcement that was withdrawn.
            await watcher.hears(("node/n1", True), ("node/n1", False), ("node/n1", True))
            sender.send("node/n1", b"hello")
            await until(lambda: b"hello" in again.frames)
            assert inbox.frames == []
