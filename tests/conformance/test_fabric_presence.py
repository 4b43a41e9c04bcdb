"""Watchers are told who is there, who comes and who goes."""

from __future__ import annotations

import threading

from tests.support.asynchronous import async_test, turns, until

from .meshes import Inbox, Mesh, Watcher, members, sees


@async_test
async def test_who_is_there_already_is_reported(mesh: Mesh) -> None:
    async with members(mesh, 2) as (watching, there):
        for name in ("n1", "n2"):
            await Inbox(there, f"node/{name}").open()
        await sees(watching, "node/n1", "node/n2")  # so they are there before the watch begins
        watcher = Watcher()
        await watching.watch("node", watcher.on_presence)
        assert watcher.told == [], "it is told on the loop, not within watch"
        await until(lambda: len(watcher.told) == 2)
        assert sorted(watcher.told) == [("node/n1", True), ("node/n2", True)]
        there.announce("node/last")
        await watcher.hears(*watcher.told, ("node/last", True))  # so nobody was reported twice
        assert watcher.threads == {threading.get_ident()}


@async_test
async def test_who_comes_later_is_reported_in_order_and_once(mesh: Mesh) -> None:
    async with members(mesh, 2) as (watching, coming):
        watcher = Watcher()
        await watching.watch("node", watcher.on_presence)
        for number in range(20):
            coming.announce(f"node/n{number}")
        coming.announce("node/n3")
        coming.announce("node/last")
        told = [(f"node/n{number}", True) for number in range(20)]
        await watcher.hears(*told, ("node/last", True))


@async_test
async def test_going_and_coming_back_are_reported(mesh: Mesh) -> None:
    async with members(mesh, 2) as (watching, other):
        watcher = Watcher()
        await watching.watch("node", watcher.on_presence)
        for _ in range(3):
            other.announce("node/n1")
            other.withdraw("node/n1")
        other.withdraw("node/n1")
        other.withdraw("node/never-announced")
        other.announce("node/last")
        changes = [("node/n1", True), ("node/n1", False)] * 3
        await watcher.hears(*changes, ("node/last", True))


@async_test
async def test_only_who_is_there_is_in_contact(mesh: Mesh) -> None:
    async with members(mesh, 2) as (watching, other):
        watcher = Watcher()
        await watching.watch("node", watcher.on_presence)
        for name in ("node/n1", "node/n2"):
            other.announce(name)
        await watcher.hears(("node/n1", True), ("node/n2", True))
        assert set(watching.in_contact()) <= {"node/n1", "node/n2"}
        other.withdraw("node/n1")
        await watcher.hears(("node/n1", True), ("node/n2", True), ("node/n1", False))
        assert set(watching.in_contact()) <= {"node/n2"}


@async_test
async def test_stopping_withdraws_every_presence(mesh: Mesh) -> None:
    async with members(mesh, 2) as (watching, leaving):
        watcher = Watcher()
        await watching.watch("node", watcher.on_presence)
        await Inbox(leaving, "node/listens").open()
        leaving.announce("node/only-announced")
        await sees(watching, "node/listens", "node/only-announced")
        await leaving.stop()
        await until(lambda: len(watcher.told) == 4)
        assert sorted(watcher.told[2:]) == [("node/listens", False), ("node/only-announced", False)]


@async_test
async def test_only_the_watched_kind_is_reported(mesh: Mesh) -> None:
    async with members(mesh, 2) as (watching, other):
        watcher = Watcher()
        await watching.watch("node", watcher.on_presence)
        other.announce("client/c1")
        other.announce("nodes/n0")
        other.announce("node/n1")
        await sees(watching, "client/c1", "nodes/n0", "node/n1")
        other.announce("node/last")
        await watcher.hears(("node/n1", True), ("node/last", True))


@async_test
async def test_every_watcher_is_told(mesh: Mesh) -> None:
    async with members(mesh, 3) as (other, first, second):
        watchers = [Watcher() for _ in range(3)]
        await first.watch("node", watchers[0].on_presence)
        await first.watch("node", watchers[1].on_presence)
        await second.watch("node", watchers[2].on_presence)
        other.announce("node/n1")
        for watcher in watchers:
            await watcher.hears(("node/n1", True))


@async_test
async def test_one_that_goes_while_another_watch_begins_is_not_thought_to_be_there(
    mesh: Mesh,
) -> None:
    async with members(mesh, 2) as (watching, going):
        first = Watcher()
        await watching.watch("node", first.on_presence)
        for number in range(20):
            address, last = f"node/n{number}", f"node/last{number}"
            going.announce(address)
            await until(lambda: (address, True) in first.told)  # noqa: B023 - it ends before the next turn
            going.withdraw(address)
            second = Watcher()
            await watching.watch("node", second.on_presence)
            going.announce(last)
            await until(lambda: (last, True) in second.told)  # noqa: B023
            mine = [is_there for who, is_there in second.told if who == address]
            assert mine in ([], [True, False])


@async_test
async def test_one_function_can_watch_for_two_members(mesh: Mesh) -> None:
    async with members(mesh, 3) as (first, second, other):
        watcher = Watcher()
        await first.watch("node", watcher.on_presence)
        await second.watch("node", watcher.on_presence)
        await second.stop()
        other.announce("node/n1")
        other.announce("node/last")
        await watcher.hears(("node/n1", True), ("node/last", True))


@async_test
async def test_a_member_sees_itself(mesh: Mesh) -> None:
    async with members(mesh, 1) as (alone,):
        watcher = Watcher()
        await alone.watch("node", watcher.on_presence)
        alone.announce("node/n1")
        await watcher.hears(("node/n1", True))


@async_test
async def test_only_who_announced_can_withdraw(mesh: Mesh) -> None:
    async with members(mesh, 2) as (watching, other):
        watcher = Watcher()
        await watching.watch("node", watcher.on_presence)
        other.announce("node/n1")
        await watcher.hears(("node/n1", True))
        watching.withdraw("node/n1")
        other.announce("node/last")
        await watcher.hears(("node/n1", True), ("node/last", True))


@async_test
async def test_who_has_stopped_is_told_nothing(mesh: Mesh) -> None:
    async with members(mesh, 3) as (first, stopping, other):
        watcher = Watcher()
        await stopping.watch("node", watcher.on_presence)
        other.announce("node/n1")
        stopped = stopping.stop()
        await stopped
        told = list(watcher.told)
        other.announce("node/n2")
        await sees(first, "node/n1", "node/n2")
        await turns()
        assert watcher.told == told
        assert ("node/n2", True) not in told
