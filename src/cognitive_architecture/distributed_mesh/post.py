"""Messages on one side, frames on the other.

Everything said to one address within one turn of the event loop travels in one frame: under load
frames grow and their cost is shared, and a single message still leaves at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
import structlog

from cognitive_architecture.foundation.errors import ProtocolMismatch
from cognitive_architecture.foundation.sentences import sentence_of
from cognitive_architecture.foundation.telemetry import Metrics, NoMetrics

from .frames import decode_frame, encode_frame, says_unsupported
from .messages import PROTOCOL_VERSION, Message, Unsupported
from .ports import Fabric

Delivery = list[tuple[str, list[Message]]]
"""Sender and messages of each frame, in the order in which they arrived."""

_log = structlog.get_logger(__name__)
_COMPLAINTS_MAX = 1000
_WAIT_S = 0.005


class Post:
    """The letter box and the letters of one address."""

    def __init__(
        self,
        fabric: Fabric,
        address: str,
        deliver: Callable[[Delivery], None],
        *,
        metrics: Metrics | None = None,
    ) -> None:
        self.address = address
        self._fabric = fabric
        self._deliver = deliver
        self._metrics = metrics or NoMetrics()
        self._outgoing: dict[str, list[Message]] = {}
        self._waiting: dict[str, list[Message]] = {}
        """What travels with the next message to the same address."""
        self._flush_is_due = False
        self._is_delivering = False
        self._wait_is_over: asyncio.TimerHandle | None = None
        self._complained_of: set[str] = set()
        self._is_open = False

    async def open(self) -> None:
        """Begin to listen, then let others know."""
        await self._fabric.listen(self.address, self._receive)
        self._is_open = True
        self._fabric.announce(self.address)

    def close(self) -> None:
        """Send what is waiting, then fall silent."""
        if self._wait_is_over is not None:
            self._wait_is_over.cancel()
        if self._is_open:
            self._send_waiting()
            self._is_open = False
            self._fabric.withdraw(self.address)
            self._fabric.ignore(self.address)

    def tell(self, address: str, message: Message, *, can_wait: bool = False) -> None:
        """Put a letter into the bag of this turn.

        Args:
            address: Of the receiver.
            message: The letter.
            can_wait: Nobody waits for it. It goes with the next one to the same address, or after
                a few milliseconds: a frame less to send, and a process less to wake.
        """
        if can_wait and address not in self._outgoing:
            self._waiting.setdefault(address, []).append(message)
            if self._wait_is_over is None:
                loop = asyncio.get_running_loop()
                self._wait_is_over = loop.call_later(_WAIT_S, self._send_waiting)
            return
        bag = self._outgoing.get(address)
        if bag is None:
            # What has waited was said earlier, so it goes first.
            self._outgoing[address] = bag = self._waiting.pop(address, [])
        bag.append(message)
        if not self._flush_is_due and not self._is_delivering:
            self._flush_is_due = True
            asyncio.get_running_loop().call_soon(self.flush)

    def flush(self) -> None:
        """Send everything in the bag now instead of at the end of the turn."""
        self._flush_is_due = False
        if not self._is_open or not self._outgoing:
            return
        outgoing, self._outgoing = self._outgoing, {}
        for address, messages in outgoing.items():
            try:
                self._fabric.send(address, encode_frame(self.address, messages))
            except Exception as error:  # noqa: BLE001 - it must not cost the others their letters
                self._send_the_rest(address, messages, error)

    def _send_the_rest(self, address: str, messages: list[Message], error: Exception) -> None:
        """Leave out what cannot be encoded, or everything if the fabric refuses the address."""
        sound = [message for message in messages if self._can_be_encoded(message, address)]
        if len(sound) < len(messages):
            try:
                if sound:
                    self._fabric.send(address, encode_frame(self.address, sound))
                return
            except Exception as another:  # noqa: BLE001 - whatever a fabric raises
                error = another
        self._give_up(address, len(sound), error)

    def _can_be_encoded(self, message: Message, address: str) -> bool:
        try:
            encode_frame(self.address, [message])
        except Exception as error:  # noqa: BLE001 - the encoder has no error of its own
            self._give_up(address, 1, error, message=type(message).__name__)
            return False
        return True

    def _give_up(self, address: str, count: int, error: Exception, **facts: str) -> None:
        """Count every message that is lost, and log the first of each receiver."""
        self._metrics.count("messages_unsendable", count)
        if self._is_new(f"to {address}"):
            why = sentence_of(error)
            _log.error("message_unsendable", at=self.address, receiver=address, why=why, **facts)

    def _send_waiting(self) -> None:
        self._wait_is_over = None
        for address in list(self._waiting):
            self._outgoing.setdefault(address, []).extend(self._waiting.pop(address))
        self.flush()

    async def has_room_for(self, address: str) -> None:
        """Return when ``address`` keeps up with what it is sent."""
        self.flush()
        await self._fabric.drained(address)

    def _receive(self, frames: list[bytes]) -> None:
        delivery: Delivery = []
        for frame in frames:
            try:
                sender, messages = decode_frame(frame)
            except msgspec.MsgspecError as error:
                self._complain("somebody", f"sent what is no frame: {error}", len(frame))
            except ProtocolMismatch as error:
                self._complain(error.peer, str(error), len(frame))
                if not says_unsupported(frame):
                    self.tell(error.peer, Unsupported(error.theirs, PROTOCOL_VERSION))
            else:
                self._fabric.heard_from(sender)
                delivery.append((sender, messages))
        if delivery:
            self._is_delivering = True  # what is said in answer is sent below, without a turn more
            try:
                self._deliver(delivery)
            finally:
                self._is_delivering = False
                self.flush()

    def _complain(self, sender: str, what: str, size: int) -> None:
        """Count every bad frame, and log the first of each sender."""
        self._metrics.count("frames_refused")
        if self._is_new(f"from {sender}"):
            _log.warning("frame_refused", at=self.address, sender=sender, what=what, bytes=size)

    def _is_new(self, trouble: str) -> bool:
        if trouble in self._complained_of or len(self._complained_of) >= _COMPLAINTS_MAX:
            return False
        self._complained_of.add(trouble)
        return True
