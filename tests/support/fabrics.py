"""A fabric that only writes down, and peers on a local one."""

from __future__ import annotations

from collections.abc import Callable

from cognitive_architecture.distributed_mesh.adapters.local_fabric import LocalFabric, LocalHub
from cognitive_architecture.distributed_mesh.frames import decode_frame
from cognitive_architecture.distributed_mesh.messages import Message
from cognitive_architecture.distributed_mesh.ports import OnPresence, Receive
from cognitive_architecture.distributed_mesh.post import Delivery, Post


class RecordingFabric:
    """Sends nothing anywhere; remembers what it was asked, in order."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.frames: list[tuple[str, bytes]] = []
        self.receive: Receive | None = None
        self.spoken: list[str] = []
        """Those it was told to have spoken."""
        self.impossible: set[str] = set()
        """Addresses it cannot send to."""
        self.reached: list[str] = []
        """Those that answer its pings."""

    async def start(self) -> None:
        self.asked.append(("start",))

    async def stop(self) -> None:
        self.asked.append(("stop",))

    async def listen(self, address: str, receive: Receive) -> None:
        self.asked.append(("listen", address))
        self.receive = receive

    def ignore(self, address: str) -> None:
        self.asked.append(("ignore", address))

    def send(self, address: str, frame: bytes) -> None:
        if address in self.impossible:
            raise ValueError(f"{address!r} is no address")
        self.asked.append(("send", address))
        self.frames.append((address, frame))

    def backlog_bytes(self, address: str) -> int:  # noqa: ARG002
        return 0

    async def drained(self, address: str) -> None:
        self.asked.append(("drained", address))

    def heard_from(self, address: str) -> None:
        self.spoken.append(address)

    def announce(self, address: str) -> None:
        self.asked.append(("announce", address))

    def withdraw(self, address: str) -> None:
        self.asked.append(("withdraw", address))

    async def watch(self, kind: str, on_presence: OnPresence) -> None:  # noqa: ARG002
        self.asked.append(("watch", kind))

    def in_contact(self) -> list[str]:
        return self.reached

    @property
    def said(self) -> list[tuple[str, list[Message]]]:
        """Receiver and messages of every frame."""
        return [(address, decode_frame(frame)[1]) for address, frame in self.frames]


class Peer:
    """Somebody on a hub who says what it is told to say, and writes down what it hears."""

    def __init__(self, hub: LocalHub, address: str) -> None:
        self.address = address
        self.heard: list[tuple[str, Message]] = []
        """Sender and message, in order."""
        self.present: list[str] = []
        """Those of the watched kinds who are there."""
        self.on_message: Callable[[str, Message], None] | None = None
        self.fabric = LocalFabric(hub)
        self._post = Post(self.fabric, address, self._on_delivery)

    async def open(self, *watched_kinds: str) -> None:
        await self.fabric.start()
        for kind in watched_kinds:
            await self.fabric.watch(kind, self._on_presence)
        await self._post.open()

    async def close(self) -> None:
        self._post.close()
        await self.fabric.stop()

    def tell(self, address: str, *messages: Message) -> None:
        for message in messages:
            self._post.tell(address, message)

    def take(self) -> list[Message]:
        """What was heard since this was last asked."""
        messages = [message for _, message in self.heard]
        self.heard.clear()
        return messages

    def _on_presence(self, address: str, is_there: bool) -> None:
        if is_there:
            self.present.append(address)
        else:
            self.present.remove(address)

    def _on_delivery(self, delivery: Delivery) -> None:
        for sender, messages in delivery:
            for message in messages:
                self.heard.append((sender, message))
                if self.on_message is not None:
                    self.on_message(sender, message)
