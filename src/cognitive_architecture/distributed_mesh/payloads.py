"""Payloads and results: JSON values on both sides, msgpack bytes on the way.

What JSON cannot say (bytes, sets, dates, NaN, keys that are no strings) is refused here, with the
path to it, instead of coming out as something else on the other side.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import Any, Final

import msgspec

from cognitive_architecture.foundation.errors import (
    ConfigurationError,
    InvalidPayload,
    MeshError,
    OutputTooLarge,
    PayloadTooLarge,
    UnencodableResult,
)
from cognitive_architecture.foundation.sentences import sayable, shown

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder().decode
METADATA_BYTES_MAX: Final = 64 * 1024
_DEPTH_MAX: Final = 500
_INT_MIN: Final = -(2**63)
_INT_MAX: Final = 2**64 - 1
MAP_STARTS: Final = frozenset(bytes([start]) for start in (*range(0x80, 0x90), 0xDE, 0xDF))
"""What a msgpack map may begin with."""
_PLAIN: Final = frozenset({str, bool, type(None)})
"""Types whose every value JSON can say."""

_Place = tuple[object, "_Place | None", int]
"""A value, the place of what holds it, and its depth."""


def encode_payload(payload: object, *, bytes_max: int) -> bytes:
    """A task's payload as it travels.

    Raises:
        InvalidPayload: Not a JSON object; the sentence names the place.
        PayloadTooLarge: More than ``bytes_max`` bytes.
    """
    if not isinstance(payload, dict):
        raise InvalidPayload(
            f"payload: a JSON object (dict) is required, not {_with_kind(payload)}"
        )
    data = _encoded(payload, "payload", InvalidPayload)
    if len(data) > bytes_max:
        raise PayloadTooLarge(
            f"payload: {len(data):,} bytes, at most {bytes_max:,} are allowed "
            "(setting dispatch.payload_bytes_max); pass large data by reference"
        )
    return data


def check_metadata(metadata: object) -> None:
    """See that a node can say this of itself.

    Raises:
        ConfigurationError: JSON cannot say it, or it is too long; the sentence names the place.
    """
    size = len(_encoded(metadata, "metadata", ConfigurationError))
    if size > METADATA_BYTES_MAX:
        raise ConfigurationError(
            f"metadata: {size:,} bytes, at most {METADATA_BYTES_MAX:,} are allowed; "
            "every hello of the node carries it"
        )


def encode_result(result: object, *, bytes_max: int, what: str = "result") -> bytes:
    """What a handler returned, or keeps, as it travels.

    Raises:
        UnencodableResult: JSON cannot say it; the sentence names the place.
        OutputTooLarge: More than ``bytes_max`` bytes.
    """
    data = _encoded(result, what, UnencodableResult)
    if len(data) > bytes_max:
        raise OutputTooLarge(f"{what}: {len(data):,} bytes, at most {bytes_max:,} are allowed")
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
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidPayload(f"these bytes are not msgpack: {error}") from error


def is_encoded_object(data: bytes) -> bool:
    """Whether ``data`` looks like a msgpack map, judged by its first byte alone."""
    return data[:1] in MAP_STARTS


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
    if type(value) not in _PLAIN and (trouble := _trouble(value)) is not None:
        path, reason = trouble
        raise error(f"{name}{path if len(path) <= 120 else path[:119] + '…'}: {reason}")
    try:
        return _encode(value)
    except (TypeError, ValueError, OverflowError) as cause:  # a lone surrogate, an odd subclass
        raise error(f"{name}: JSON cannot say it: {cause}") from cause
    except RecursionError as cause:
        raise error(
            f"{name}: nested too deep for a caller that is itself this many calls deep; "
            "call from further up, or pass a flatter value"
        ) from cause


def _trouble(root: object) -> tuple[str, str] | None:
    """The path to what is not JSON, and why; ``None`` if all is well.

    It keeps what is still to be looked at on a list of its own. With one call for each level,
    the depth it can bear would depend on how deep its caller is already.
    """
    unseen: list[_Place] = []
    place: _Place = (root, None, 0)
    while True:
        value, _, depth = place
        items: Iterable[object] = ()
        if type(value) is dict or isinstance(value, dict):
            for key in value:
                if type(key) is not str and not isinstance(key, str):
                    return _path(place), f"keys must be strings, not {_with_kind(key)}"
            items = value.values()
        elif isinstance(value, list | tuple):
            items = value
        elif (reason := _trouble_with_one(value)) is not None:
            return _path(place), reason
        if depth > _DEPTH_MAX:
            return _path(place), f"nested deeper than {_DEPTH_MAX} levels"
        for item in items:
            kind = type(item)
            if kind is str:
                continue
            if kind is int:
                if _INT_MIN <= item <= _INT_MAX:  # type: ignore[operator]
                    continue
            elif kind is float:
                if isfinite(item):  # type: ignore[arg-type]
                    continue
            elif kind in _PLAIN:
                continue
            unseen.append((item, place, depth + 1))
        if not unseen:
            return None
        place = unseen.pop()


def _trouble_with_one(value: object) -> str | None:
    """Why a value that holds no others is not JSON, or ``None``."""
    if type(value) is int and not _INT_MIN <= value <= _INT_MAX:
        return f"integers must fit in 64 bits, not {_with_kind(value)}"
    if isinstance(value, float):
        return None if isfinite(value) else f"{value} is not a JSON number"
    if value is None or isinstance(value, str | int):
        return None  # subclasses too, such as a member of an enum
    return f"JSON cannot say {_with_kind(value)}"


def _path(place: _Place) -> str:
    """The way to a place; looked up only now, so that nobody pays for it when all is well."""
    steps: list[str] = []
    value, holder, _ = place
    while holder is not None:
        steps.append(_step(holder[0], value))
        value, holder, _ = holder
    return sayable("".join(reversed(steps)))


def _step(holder: Any, value: object) -> str:
    is_object = isinstance(holder, dict)
    for step, held in holder.items() if is_object else enumerate(holder):
        if held is value:
            return f".{step}" if is_object else f"[{step}]"
    return ""  # it is no longer there: another thread goes on changing it


def _with_kind(value: object) -> str:
    return f"{shown(value)} ({type(value).__name__})"
