"""Values as portions say them, and portions that are not too long."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.atomspace import (
    AttentionValue,
    FloatValue,
    InvalidValue,
    LinkValue,
    Provenance,
    StringValue,
    TruthValue,
    Value,
)
from cognitive_architecture.atomspace_store import portions
from cognitive_architecture.atomspace_store.portions import (
    PORTION_BYTES_MAX,
    Portion,
    decode,
    encode,
    in_portions,
    read_value,
    stored_value,
)
from tests.support.examples import quick

shares = st.floats(0.0, 1.0)
numbers = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text()
counts = st.one_of(st.integers(0, 5), st.integers(0, 2**300))
leaves: st.SearchStrategy[Value] = st.one_of(
    st.builds(TruthValue, shares, shares),
    st.builds(AttentionValue, numbers, numbers, counts),
    st.builds(FloatValue, st.lists(numbers).map(tuple)),
    st.builds(StringValue, st.lists(texts).map(tuple)),
    st.tuples(texts, counts, counts, shares, texts).map(
        lambda t: Provenance(t[0], min(t[1:3]), max(t[1:3]), *t[3:])
    ),
)
values = st.recursive(leaves, lambda some: st.builds(LinkValue, st.lists(some).map(tuple)))


@given(value=values)
@quick(100)
def test_every_value_travels(value: Value) -> None:
    portion = Portion(keys=["k"], values=[(1, 0, stored_value(value))])

    ((_number, _key, stored),) = decode(encode(portion)).values

    assert stored is not None
    assert repr(read_value(stored)) == repr(value)


def test_nothing_is_said_as_nothing() -> None:
    assert stored_value(None) is None


@pytest.mark.parametrize("stored", [[], [6], ["x"], [0], [0, 1.0], [0, 2.0, 1.0], [5, "L0", "g"]])
def test_what_says_no_value_is_refused(stored: list[Any]) -> None:
    with pytest.raises((InvalidValue, IndexError, TypeError, ValueError)):
        read_value(stored)


@given(junk=st.binary(max_size=60))
@quick(200)
def test_junk_is_no_portion_or_one(junk: bytes) -> None:
    try:
        assert isinstance(decode(junk), Portion)
    except (msgspec.MsgspecError, RecursionError):
        pass


@pytest.mark.parametrize(
    ("bytes_each", "tried"),
    [
        (1, [8192]),
        (100_000, [8192, 1024, 128]),
        (PORTION_BYTES_MAX + 1, [8192, 1024, 128, 16, 2, 1]),
    ],
)
def test_portions_are_made_shorter_until_none_has_too_many_bytes(
    bytes_each: int, tried: list[int]
) -> None:
    asked = []

    def write(changes_max: int) -> list[int]:
        asked.append(changes_max)
        return [bytes_each * changes_max]

    assert in_portions(write, lambda sizes: sizes) == [bytes_each * tried[-1]]
    assert asked == tried


def test_portions_know_every_kind_of_value() -> None:
    assert set(portions._KINDS) == set(Value.__args__)
