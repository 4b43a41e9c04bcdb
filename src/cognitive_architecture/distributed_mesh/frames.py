"""Messages as bytes and back.

A frame on the fabric is the msgpack array ``[version, sender, messages]``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Struct

from cognitive_architecture.foundation.errors import ProtocolMismatch

from .messages import PROTOCOL_VERSION, Message, Unsupported


class _Frame(Struct, frozen=True, array_like=True):
    version: int
    sender: str
    messages: msgspec.Raw


_encoder: Final = msgspec.msgpack.Encoder()
_frame_decoder: Final = msgspec.msgpack.Decoder(_Frame)
_messages_decoder: Final = msgspec.msgpack.Decoder(list[Message])
_unsupported_decoder: Final = msgspec.msgpack.Decoder(list[Unsupported])

_ALSO_RAISED: Final = (UnicodeDecodeError, RecursionError)
"""What msgspec raises for garbage besides ``MsgspecError``."""


def encode_frame(sender: str, messages: Sequence[Message]) -> bytes:
    """The bytes that carry ``messages`` from ``sender``."""
    return _encoder.encode((PROTOCOL_VERSION, sender, messages))


def decode_frame(data: bytes) -> tuple[str, list[Message]]:
    """The sender and the messages of a frame.

    Raises:
        msgspec.MsgspecError: These bytes are not a frame of this protocol.
        ProtocolMismatch: They are one of another version.
    """
    try:
        frame = _frame_decoder.decode(data)
        if frame.version == PROTOCOL_VERSION:
            return frame.sender, _messages_decoder.decode(frame.messages)
    except _ALSO_RAISED as error:
        raise msgspec.DecodeError(f"text that is no UTF-8, or endless depth: {error}") from error
    raise ProtocolMismatch(frame.sender, frame.version, PROTOCOL_VERSION)


def says_unsupported(data: bytes) -> bool:
    """Whether a frame of another version is its refusal of ours, which must not be answered."""
    try:
        _unsupported_decoder.decode(_frame_decoder.decode(data).messages)
    except (msgspec.MsgspecError, *_ALSO_RAISED):
        return False
    return True
