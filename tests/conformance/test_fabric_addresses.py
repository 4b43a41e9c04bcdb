"""Any name is only a name, and what is no address is refused with a sentence."""

from __future__ import annotations

import pytest

from cognitive_architecture.foundation.errors import FabricError
from tests.support.asynchronous import async_test, until

from .meshes import Inbox, Mesh, Watcher, members, sees

ODD_NAMES = [
    "*",
    "**",
    "$*",
    "n$*",
    "?",
    "#",
    "@n",
    "a/b",
    "a//b",
    "/",
    "a/",
    "%2F",
    "100%",
    "n1~01jc9",
    "a b",
    " ",
    "..",
    "a\x00b",
    "a\nb",
    "Müller",
    "世界",
    "😀",
    "x" * 1000,
]
NO_ADDRESSES = ["", "node", "/", "/n1", "node/", "no de/n1", "*/n1", "@node/n1", "node/\ud800"]


@async_test
async def test_odd_names_are_seen_and_reached_like_others(mesh: Mesh) -> None:
    async with members(mesh, 2) as (sender, receiver):
        watcher = Watcher()
        await sender.watch("node", watcher.on_presence)
        inboxes = [await Inbox(receiver, f"node/{name}").open() for name in ODD_NAMES]
        await sees(sender, *(inbox.address for inbox in inboxes))
        await watcher.hears(*((inbox.address, True) for inbox in inboxes))
        for inbox in inboxes:
            sender.send(inbox.address, inbox.address.encode())
        for inbox in inboxes:
            assert await inbox.has(1) == [inbox.address.encode()]
        for inbox in inboxes:
            receiver.withdraw(inbox.address)
        await until(lambda: len(watcher.told) == 2 * len(inboxes))
        assert watcher.told[len(inboxes) :] == [(inbox.address, False) for inbox in inboxes]


@async_test
async def test_a_name_that_looks_like_a_pattern_reaches_nobody_else(mesh: Mesh) -> None:
    async with members(mesh, 2) as (sender, receiver):
        inbox = await Inbox(receiver, "node/n1").open()
        await sees(sender, "node/n1")
        for name in ("*", "**", "n$*", "$*", "*/*"):
            sender.send(f"node/{name}", b"for somebody else")
        sender.send("node/n1", b"hello")
        assert await inbox.has(1) == [b"hello"]


@async_test
async def test_who_listens_at_a_pattern_overhears_nobody(mesh: Mesh) -> None:
    async with members(mesh, 2) as (sender, receiver):
        curious = [await Inbox(receiver, f"node/{name}").open() for name in ("*", "**", "n$*")]
        inbox = await Inbox(receiver, "node/n1").open()
        await sees(sender, "node/n1", "node/*")
        sender.send("node/n1", b"hello")
        sender.send("node/**", b"for the curious")
        await inbox.has(1)
        await curious[1].has(1)
        assert [listener.frames for listener in curious] == [[], [b"for the curious"], []]


@pytest.mark.parametrize("address", NO_ADDRESSES)
@async_test
async def test_what_is_no_address_is_refused_with_a_sentence(mesh: Mesh, address: str) -> None:
    async with members(mesh, 1) as (fabric,):
        with pytest.raises(FabricError, match="an address is kind/name"):
            fabric.send(address, b"hello")
        with pytest.raises(FabricError, match="an address is kind/name"):
            fabric.announce(address)
        with pytest.raises(FabricError, match="an address is kind/name"):
            await fabric.listen(address, lambda _frames: None)
        fabric.withdraw(address)
        fabric.ignore(address)
        assert fabric.backlog_bytes(address) == 0
        await fabric.drained(address)
        fabric.heard_from(address)
