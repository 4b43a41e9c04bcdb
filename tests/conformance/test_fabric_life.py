"""Starting, stopping, and what stopping promises."""

from __future__ import annotations

from tests.support.asynchronous import async_test, until

from .meshes import Inbox, Mesh, Watcher, members, numbered, numbers, sees, sender_and_inbox


@async_test
async def test_starting_twice_is_starting_once(mesh: Mesh) -> None:
    async with members(mesh, 2) as (sender, receiver):
        inbox = await Inbox(receiver, "node/n1").open()
        await sees(sender, "node/n1")
        await sender.start()
        await receiver.start()
        sender.send("node/n1", b"hello")
        assert await inbox.has(1) == [b"hello"]


@async_test
async def test_stopping_twice_and_stopping_what_never_started_do_nothing(mesh: Mesh) -> None:
    fabric = mesh.member()
    await fabric.stop()
    await fabric.start()
    await fabric.stop()
    await fabric.stop()


@async_test
async def test_everything_can_be_let_go_after_stopping(mesh: Mesh) -> None:
    # A post is closed after its fabric where a program ends in a hurry.
    async with sender_and_inbox(mesh) as (sender, inbox):
        await inbox.fabric.stop()
        inbox.fabric.withdraw("node/n1")
        inbox.fabric.ignore("node/n1")
        await sender.stop()
        assert sender.backlog_bytes("node/n1") == 0
        await sender.drained("node/n1")
        sender.heard_from("node/n1")


@async_test
async def test_what_was_stopped_can_be_started_again(mesh: Mesh) -> None:
    async with members(mesh, 2) as (sender, receiver):
        watcher = Watcher()
        await sender.watch("node", watcher.on_presence)
        before = await Inbox(receiver, "node/n1").open()
        await watcher.hears(("node/n1", True))
        await receiver.stop()
        await watcher.hears(("node/n1", True), ("node/n1", False))  # so it sees the next one only
        await receiver.start()
        after = await Inbox(receiver, "node/n1").open()
        await sees(sender, "node/n1")
        sender.send("node/n1", b"hello")
        await until(lambda: after.frames)
        assert (before.frames, after.frames) == ([], [b"hello"])


@async_test
async def test_stopping_sends_what_is_waiting(mesh: Mesh) -> None:
    for count, size in ((1, 4), (1000, 1000), (40, 1024 * 1024)):
        async with sender_and_inbox(mesh) as (sender, inbox):
            for number in range(count):
                sender.send("node/n1", numbered(number, size))
            await sender.stop()
            assert numbers(await inbox.has(count)) == list(range(count))
        mesh = type(mesh)()


@async_test
async def test_a_sender_that_stops_in_the_middle_of_a_flood_takes_no_others_with_it(
    mesh: Mesh,
) -> None:
    async with members(mesh, 3) as (receiver, stopping, staying):
        inbox = await Inbox(receiver, "orchestrator/o1").open()
        await sees(stopping, "orchestrator/o1")
        await sees(staying, "orchestrator/o1")
        for number in range(1000):
            stopping.send("orchestrator/o1", b"1" + numbered(number, 2000))
            staying.send("orchestrator/o1", b"2" + numbered(number, 2000))
        await stopping.stop()
        for number in range(1000, 2000):
            staying.send("orchestrator/o1", b"2" + numbered(number, 2000))
        frames = await inbox.has(3000)
        for name, count in ((b"1", 1000), (b"2", 2000)):
            mine = [frame[1:] for frame in frames if frame[:1] == name]
            assert numbers(mine) == list(range(count))
