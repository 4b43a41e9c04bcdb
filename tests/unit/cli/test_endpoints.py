from __future__ import annotations

import pytest

from cognitive_architecture.cli.endpoints import (
    Endpoint,
    from_other_machines,
    from_this_machine,
)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("tcp/127.0.0.1:7464", Endpoint("tcp", "127.0.0.1", 7464)),
        ("tls/[::]:7464", Endpoint("tls", "[::]", 7464)),
        ("tcp/mesh.example", Endpoint("tcp", "mesh.example", None)),
    ],
)
def test_parts_of_an_endpoint(text: str, parts: Endpoint) -> None:
    assert Endpoint.of(text) == parts


@pytest.mark.parametrize(
    ("listens_at", "reached_at"),
    [
        ("tcp/0.0.0.0:7464", "tcp/127.0.0.1:7464"),
        ("tcp/[::]:7464", "tcp/[::1]:7464"),
        ("tcp/192.168.1.5:7464", "tcp/192.168.1.5:7464"),
    ],
)
def test_how_this_machine_reaches_itself(listens_at: str, reached_at: str) -> None:
    assert from_this_machine(listens_at) == reached_at


@pytest.mark.parametrize("alone", ["tcp/127.0.0.1:7464", "tcp/localhost:7464", "tcp/[::1]:7464"])
def test_other_machines_cannot_reach_loopback(alone: str) -> None:
    assert from_other_machines(alone) is None


def test_other_machines_reach_a_named_address() -> None:
    assert from_other_machines("tcp/192.168.1.5:7464") == "tcp/192.168.1.5:7464"


def test_an_address_for_everybody_becomes_one_of_this_machines() -> None:
    reached_at = from_other_machines("tcp/0.0.0.0:7464")

    if reached_at is not None:  # a machine without a network has none
        parts = Endpoint.of(reached_at)
        assert parts.port == 7464
        assert not parts.is_everywhere
        assert not parts.is_this_machine_alone
