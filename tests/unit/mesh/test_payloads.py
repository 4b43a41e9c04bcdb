import enum
import json
import math
from collections import OrderedDict, defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.payloads import (
    check_metadata,
    decode_value,
    encode_payload,
    encode_result,
    is_encoded_object,
    join_chunks,
)
from cognitive_architecture.foundation.errors import (
    ConfigurationError,
    InvalidPayload,
    OutputTooLarge,
    PayloadTooLarge,
    UnencodableResult,
)
from tests.support.examples import quick

ROOM = 16 * 1024 * 1024

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=30,
)


class Colour(enum.StrEnum):
    RED = "red"


class Size(enum.IntEnum):
    LARGE = 3


class Point(NamedTuple):
    x: int
    y: int


class Matrix:
    """Looks like an array of numpy's: knows its shape, says ``tolist``, is no list."""

    shape = (2, 2)

    def tolist(self) -> list[list[int]]:
        return [[1, 2], [3, 4]]

    def __iter__(self) -> Any:
        return iter(self.tolist())

    def __len__(self) -> int:
        return 2

    def __repr__(self) -> str:
        return "Matrix([[1, 2], [3, 4]])"


class Number:
    """Looks like a scalar of numpy's: turns into an int or a float when asked, is neither."""

    def __int__(self) -> int:
        return 1

    def __float__(self) -> float:
        return 1.0

    def __index__(self) -> int:
        return 1

    def __repr__(self) -> str:
        return "Number(1)"


def refusal_of(payload: object) -> str:
    with pytest.raises(InvalidPayload) as refused:
        encode_payload(payload, bytes_max=ROOM)
    return str(refused.value)


def nested(depth: int, *, in_objects: bool = False) -> dict[str, Any]:
    value: Any = 1
    for _ in range(depth):
        value = {"a": value} if in_objects else [value]
    return {"deep": value}


class TestWhatJsonCannotSay:
    @pytest.mark.parametrize(
        ("value", "why"),
        [
            (b"bytes", "JSON cannot say b'bytes' (bytes)"),
            (bytearray(b"bytes"), "JSON cannot say bytearray(b'bytes') (bytearray)"),
            ({1}, "JSON cannot say {1} (set)"),
            (frozenset({1}), "JSON cannot say frozenset({1}) (frozenset)"),
            (1j, "JSON cannot say 1j (complex)"),
            (range(3), "JSON cannot say range(0, 3) (range)"),
            (Decimal("1.5"), "JSON cannot say Decimal('1.5') (Decimal)"),
            (Matrix(), "JSON cannot say Matrix([[1, 2], [3, 4]]) (Matrix)"),
            (Number(), "JSON cannot say Number(1) (Number)"),
            (..., "JSON cannot say Ellipsis (ellipsis)"),
            (int, "JSON cannot say <class 'int'> (type)"),
            (math.nan, "nan is not a JSON number"),
            (math.inf, "inf is not a JSON number"),
            (-math.inf, "-inf is not a JSON number"),
            (2**64, "integers must fit in 64 bits, not 18446744073709551616 (int)"),
            (-(2**63) - 1, "integers must fit in 64 bits, not -9223372036854775809 (int)"),
            ({1: "one"}, "keys must be strings, not 1 (int)"),
            ({None: 1}, "keys must be strings, not None (NoneType)"),
            ({("a", "b"): 1}, "keys must be strings, not ('a', 'b') (tuple)"),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_is_refused_with_its_place(self, value: object, why: str) -> None:
        assert refusal_of({"text": "fine", "x": value}) == f"payload.x: {why}"

    def test_the_path_leads_through_objects_and_lists(self) -> None:
        payload = {"jobs": [{"id": 1}, {"id": 2, "when": [datetime(2024, 1, 1, tzinfo=UTC)]}]}
        assert refusal_of(payload).startswith("payload.jobs[1].when[0]: JSON cannot say datetime")

    def test_the_path_leads_through_tuples_too(self) -> None:
        assert refusal_of({"pair": (1, b"x")}) == "payload.pair[1]: JSON cannot say b'x' (bytes)"

    def test_a_long_path_is_cut(self) -> None:
        path = refusal_of({"k" * 300: b""}).partition(":")[0]
        assert path == "payload." + "k" * 118 + "…"

    def test_a_long_value_is_cut(self) -> None:
        assert refusal_of({"x": b"y" * 100}).endswith("y" * 57 + "… (bytes)")

    @pytest.mark.parametrize("text", ["\ud800", "a\udfffb"])
    @pytest.mark.parametrize("as_key", [False, True])
    def test_half_a_character_is_refused(self, text: str, as_key: bool) -> None:
        assert "surrogates not allowed" in refusal_of({text: 1} if as_key else {"x": text})

    @pytest.mark.parametrize("payload", [None, [], "text", 5, b"\x80", (("a", 1),), Matrix()])
    def test_a_payload_must_be_an_object(self, payload: object) -> None:
        assert refusal_of(payload).startswith("payload: a JSON object (dict) is required, not ")

    def test_subclasses_that_the_encoder_does_not_know_are_refused(self) -> None:
        class Name(str):
            __slots__ = ()

        class Count(int):
            pass

        class Share(float):
            pass

        for value in (Name("x"), Count(1), Share(0.5)):
            assert refusal_of({"x": value}).startswith("payload: JSON cannot say it: ")


class TestDepth:
    def test_five_hundred_lists_deep_is_fine(self) -> None:
        payload = nested(499)
        assert decode_value(encode_payload(payload, bytes_max=ROOM)) == payload

    @pytest.mark.parametrize("depth", [501, 2_000, 100_000])
    def test_deeper_lists_are_refused(self, depth: int) -> None:
        said = refusal_of(nested(depth))
        assert said.endswith(": nested deeper than 500 levels")
        assert len(said) < 200

    def test_a_value_that_holds_itself_is_refused(self) -> None:
        loop: list[Any] = []
        loop.append(loop)
        assert refusal_of({"x": loop}).endswith(": nested deeper than 500 levels")

    @pytest.mark.parametrize("depth", [501, 2_000, 100_000])
    def test_deeper_objects_are_refused(self, depth: int) -> None:
        assert refusal_of(nested(depth, in_objects=True)).endswith("nested deeper than 500 levels")

    def test_the_depth_allowed_does_not_depend_on_the_depth_of_the_caller(self) -> None:
        def called_from(depth: int) -> bytes:
            if depth:
                return called_from(depth - 1)
            return encode_payload(nested(400, in_objects=True), bytes_max=ROOM)

        assert called_from(200)

    def test_a_caller_too_deep_for_the_encoder_hears_of_it(self) -> None:
        def called_from(depth: int) -> None:
            if depth:
                called_from(depth - 1)
            else:
                assert refusal_of(nested(499)).startswith("payload: nested too deep for a caller ")

        called_from(600)

    def test_a_value_with_two_ways_into_itself_is_refused_soon(self) -> None:
        loop: list[Any] = []
        loop += [loop, loop]
        assert refusal_of({"x": loop}).endswith(": nested deeper than 500 levels")


class TestWhatJsonCanSay:
    @given(st.dictionaries(st.text(), json_values, max_size=5))
    @quick(300)
    def test_comes_out_as_it_went_in(self, payload: dict[str, Any]) -> None:
        data = encode_payload(payload, bytes_max=ROOM)
        assert decode_value(data) == payload
        assert is_encoded_object(data)

    @given(json_values)
    @quick(200)
    def test_a_result_may_be_any_value(self, result: Any) -> None:
        assert decode_value(encode_result(result, bytes_max=ROOM)) == result

    @given(json_values)
    @quick(100)
    def test_what_is_accepted_is_what_json_accepts(self, value: Any) -> None:
        assert json.loads(json.dumps(value)) == value

    @pytest.mark.parametrize(
        ("value", "arrives_as"),
        [
            ((1, 2), [1, 2]),
            (Point(1, 2), [1, 2]),
            (Colour.RED, "red"),
            (Size.LARGE, 3),
            (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
            (defaultdict(int, a=1), {"a": 1}),
            (-0.0, 0.0),
            (2**64 - 1, 2**64 - 1),
            (-(2**63), -(2**63)),
            ("\x00\n😀", "\x00\n😀"),
        ],
        ids=repr,
    )
    def test_relatives_of_json_values_arrive_as_json_values(
        self, value: object, arrives_as: object
    ) -> None:
        arrived = decode_value(encode_payload({"x": value}, bytes_max=ROOM))
        assert arrived == {"x": arrives_as}
        assert type(arrived["x"]) is type(arrives_as)

    def test_no_bytes_are_no_value(self) -> None:
        assert decode_value(None) is None

    @pytest.mark.parametrize("data", [b"", b"\x81", b"\xc1", b"\x80\x80", b"\xa5abc"])
    def test_bytes_that_are_not_msgpack_are_refused(self, data: bytes) -> None:
        with pytest.raises(InvalidPayload, match=r"^these bytes are not msgpack: "):
            decode_value(data)

    @pytest.mark.parametrize(
        "data", [b"\xa1\xff", b"\x91" * 100_000 + b"\xc0"], ids=["text", "depth"]
    )
    def test_bytes_that_are_almost_msgpack_are_refused_too(self, data: bytes) -> None:
        with pytest.raises(InvalidPayload, match=r"^these bytes are not msgpack: "):
            decode_value(data)


class TestSize:
    def test_a_payload_of_exactly_the_bound_is_accepted(self) -> None:
        data = encode_payload({"x": "y" * 1000}, bytes_max=ROOM)
        assert encode_payload({"x": "y" * 1000}, bytes_max=len(data)) == data

    def test_a_payload_of_one_byte_more_is_refused_with_the_setting(self) -> None:
        size = len(encode_payload({"x": "y" * 1000}, bytes_max=ROOM))
        with pytest.raises(PayloadTooLarge) as refused:
            encode_payload({"x": "y" * 1000}, bytes_max=size - 1)
        assert str(refused.value) == (
            "payload: 1,006 bytes, at most 1,005 are allowed (setting "
            "dispatch.payload_bytes_max); pass large data by reference"
        )

    def test_a_result_that_is_too_large_is_refused(self) -> None:
        with pytest.raises(OutputTooLarge) as refused:
            encode_result("y" * 2000, bytes_max=1024)
        assert str(refused.value) == "result: 2,003 bytes, at most 1,024 are allowed"

    def test_a_result_that_json_cannot_say_is_refused_with_its_place(self) -> None:
        with pytest.raises(UnencodableResult, match=r"^result\.x\[0\]: JSON cannot say b''"):
            encode_result({"x": [b""]}, bytes_max=1024)

    def test_a_whole_result_may_be_what_json_cannot_say(self) -> None:
        with pytest.raises(UnencodableResult, match=r"^result: JSON cannot say \{1\} \(set\)$"):
            encode_result({1}, bytes_max=1024)

    def test_an_integer_too_long_to_be_shown_is_refused(self) -> None:
        assert refusal_of({"x": 10**5000}).startswith("payload.x: integers must fit in 64 bits")

    def test_an_object_that_cannot_be_shown_is_refused(self) -> None:
        class Broken:
            def __repr__(self) -> str:
                raise ZeroDivisionError

        assert refusal_of({"x": Broken()}).endswith("(Broken)")


class TestEncodedObject:
    @pytest.mark.parametrize("size", [0, 1, 15, 16, 65_535, 65_536])
    def test_knows_an_object_of_any_size(self, size: int) -> None:
        assert is_encoded_object(
            encode_payload({f"{n}": None for n in range(size)}, bytes_max=ROOM)
        )

    @pytest.mark.parametrize("value", [None, True, 0, -1, 1.5, "x", "", [], [{}], 2**40, "x" * 500])
    def test_knows_what_is_none(self, value: object) -> None:
        assert not is_encoded_object(encode_result(value, bytes_max=ROOM))

    def test_knows_that_nothing_is_none(self) -> None:
        assert not is_encoded_object(b"")


class TestJoinedChunks:
    @given(st.lists(json_values, max_size=40))
    @quick(200)
    def test_are_the_list_of_the_values(self, values: list[Any]) -> None:
        chunks = [encode_result(value, bytes_max=ROOM) for value in values]
        assert join_chunks(chunks) == encode_result(values, bytes_max=ROOM)

    @pytest.mark.parametrize("count", [0, 1, 15, 16, 17, 65_535, 65_536, 65_537])
    def test_are_the_list_at_each_edge_of_the_header(self, count: int) -> None:
        chunk = encode_result("x", bytes_max=ROOM)
        assert join_chunks([chunk] * count) == encode_result(["x"] * count, bytes_max=ROOM)


class TestMetadata:
    def test_what_json_can_say_is_fine(self) -> None:
        check_metadata({"host": "attic", "gpus": [1, 2]})

    @pytest.mark.parametrize(
        ("metadata", "sentence"),
        [
            ({"gpus": {1, 2}}, r"^metadata\.gpus: "),
            ({"story": "x" * 70_000}, r"^metadata: 70,[0-9]{3} bytes, at most 65,536 are allowed"),
        ],
    )
    def test_the_rest_is_refused_before_it_is_said(
        self, metadata: dict[str, object], sentence: str
    ) -> None:
        with pytest.raises(ConfigurationError, match=sentence):
            check_metadata(metadata)
