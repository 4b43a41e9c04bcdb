"""``docs/protocol.md`` says what the code says."""

from __future__ import annotations

import dataclasses
import enum
import importlib.util
import inspect
import re
from pathlib import Path
from types import ModuleType
from typing import get_args, get_type_hints

import msgspec
import pytest

from cognitive_architecture.distributed_mesh import messages
from cognitive_architecture.distributed_mesh.adapters import zenoh_fabric

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "protocol.md").read_text("utf-8")
MESSAGES = get_args(messages.Message)


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_protocol", ROOT / "docs/make_protocol.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_document_is_up_to_date(maker: ModuleType) -> None:
    assert maker.text() == TEXT, "run: python docs/make_protocol.py"


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.__name__)
def test_every_message_and_its_fields_are_told(message: type[msgspec.Struct]) -> None:
    tag = message.__struct_config__.tag

    assert TEXT.count(f"### `{tag}`\n") == 1
    section = TEXT.partition(f"### `{tag}`\n")[2].partition("\n### ")[0]
    for field in message.__struct_fields__:
        assert f"| `{field}` |" in section


def values_inside(kind: object) -> set[type]:
    """Every class of ours that a value of this kind may carry, however deep."""
    if not isinstance(kind, type):
        return {found for part in get_args(kind) for found in values_inside(part)}
    if not kind.__module__.startswith("cognitive_architecture"):
        return set()
    is_composed = issubclass(kind, msgspec.Struct) or dataclasses.is_dataclass(kind)
    parts = get_type_hints(kind).values() if is_composed else ()
    return {kind} | {found for part in parts for found in values_inside(part)}


def test_every_value_inside_messages_is_told() -> None:
    carried = {value for message in MESSAGES for value in values_inside(message)} - set(MESSAGES)

    # An enumeration is told by the name of its member.
    for value in carried:
        if not issubclass(value, enum.Enum):
            assert f"### {value.__name__} (a value inside messages)" in TEXT


def test_every_key_is_told() -> None:
    told = set(re.findall(r"`cogmesh/\{mesh\}/(\w+)/\{kind\}/\{name\}(?:/\{ping\})?`", TEXT))
    used = set(re.findall(r"_key\([\"'](\w+)[\"']", inspect.getsource(zenoh_fabric)))

    assert told == {"alive", "inbox"}
    assert used <= told
    assert f"`version` = {messages.PROTOCOL_VERSION} " in TEXT
