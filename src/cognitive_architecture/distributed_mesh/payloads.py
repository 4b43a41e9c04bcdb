"""Payloads and results: JSON values on both sides, msgpack bytes on the way.

What JSON cannot say (bytes, sets, dates, NaN, keys that are no strings) is refused here, with the
path to it, instead of coming out as something else on the other side.
"""

from __future__ import annotations

import math
from typing import Any, Final

import msgspec

from cognitive_architecture.foundation.errors import (
    InvalidPayload,
    MeshError,
    OutputTooLarge,
    PayloadTooLarge,
    UnencodableResult,
)

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder().decode
_DEPTH_MAX: Final = 500
_INT_MIN: Final = -(2**63)
_INT_MAX: Final = 2**64 - 1


def encode_payload(payload: object, *, bytes_max: int) -> bytes:
    """A task's payload as it travels.

    Raises:
        InvalidPayload: Not a JSON object; the sentence names the place.
        PayloadTooLarge: More than ``bytes_max`` bytes.
    """
    if not isinstance(payload, dict):
        raise InvalidPayload(f"payload: a JSON object (dict) is required, not {_shown(payload)}")
    data = _encoded(payload, "payload", InvalidPayload)
    if len(data) > bytes_max:
        raise PayloadTooLarge(
            f"payload: {len(data):,} bytes, at most {bytes_max:,} are allowed "
            "(setting dispatch.payload_bytes_max); pass large data by reference"
        )
    return data


def encode_result(result: object, *, bytes_max: int) -> bytes:
    """What a handler returned, as it travels.

    Raises:
        UnencodableResult: JSON cannot say it; the sentence names the place.
        OutputTooLarge: More than ``bytes_max`` bytes.
    """
    data = _encoded(result, "result", UnencodableResult)
    if len(data) > bytes_max:
        raise OutputTooLarge(f"result: {len(data):,} bytes, at most {bytes_max:,} are allowed")
    return data


def decode_value(data: bytes | None) -> Any:
    """The JSON value in ``data``; ``None`` for no data.

    Raises:
        InvalidPayload: The bytes are not msgpack.
    """
    if data is None:
        return None
    try:
        return _decode(data)
    except msgspec.MsgspecError as error:
        raise InvalidPayload(f"these bytes are not msgpack: {error}") from error


def is_encoded_object(data: bytes) -> bool:
    """Whether ``data`` looks like a msgpack map, judged by its first byte alone."""
    return bool(data) and (0x80 <= data[0] <= 0x8F or data[0] in (0xDE, 0xDF))


def join_chunks(chunks: list[bytes]) -> bytes:
    """The msgpack array of already encoded values, without opening them."""
    count = len(chunks)
    if count < 16:
        header = bytes([0x90 | count])
    elif count < 1 << 16:
        header = b"\xdc" + count.to_bytes(2, "big")
    else:
        header = b"\xdd" + count.to_bytes(4, "big")
    return header + b"".join(chunks)


def _encoded(value: object, name: str, error: type[MeshError]) -> bytes:
    if (trouble := _trouble(value, 0)) is not None:
        path, reason = trouble
        raise error(f"{name}{path if len(path) <= 120 else path[:119] + '…'}: {reason}")
    try:
        return _encode(value)
    except (TypeError, ValueError, OverflowError) as cause:  # a lone surrogate, an odd subclass
        raise error(f"{name}: JSON cannot say it: {cause}") from cause


def _trouble(value: object, depth: int) -> tuple[str, str] | None:
    """The path to what is not JSON, and why; ``None`` if all is well."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return None
    if kind is int:
        if _INT_MIN <= value <= _INT_MAX:  # type: ignore[operator]
            return None
        return "", f"integers must fit in 64 bits, not {_shown(value)}"
    if isinstance(value, float):
        return None if math.isfinite(value) else ("", f"{value} is not a JSON number")
    if depth > _DEPTH_MAX:
        return "", f"nested deeper than {_DEPTH_MAX} levels"
    if isinstance(value, dict):
        return _trouble_in_object(value, depth)
    if isinstance(value, list | tuple):
        for index, item in enumerate(value):
            if (trouble := _trouble(item, depth + 1)) is not None:
                return f"[{index}]{trouble[0]}", trouble[1]
        return None
    if isinstance(value, str | int):
        return None  # a subclass, such as a member of an enum
    return "", f"JSON cannot say {_shown(value)}"


def _trouble_in_object(value: dict[Any, object], depth: int) -> tuple[str, str] | None:
    for key, item in value.items():
        if not isinstance(key, str):
            return "", f"keys must be strings, not {_shown(key)}"
        # Most values are strings; asking here spares a call for each.
        if type(item) is not str and (trouble := _trouble(item, depth + 1)) is not None:
            return f".{key}{trouble[0]}", trouble[1]
    return None


def _shown(value: object) -> str:
    text = repr(value)
    return f"{text if len(text) <= 60 else text[:59] + '…'} ({type(value).__name__})"
