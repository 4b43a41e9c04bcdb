"""Where pings go: to the host and port of an endpoint, where that port is free for datagrams."""

from __future__ import annotations

import pytest

from cognitive_architecture.distributed_mesh.adapters.pings.places import Place, places_of


@pytest.mark.parametrize(
    ("endpoint", "place"),
    [
        ("tcp/127.0.0.1:7464", Place("127.0.0.1", 7464)),
        ("tcp/0.0.0.0:7464#iface=eth0", Place("0.0.0.0", 7464)),  # noqa: S104 - as people write it
        ("tls/studio.local:7464?rel=1", Place("studio.local", 7464)),
        ("ws/[fe80::1%eth0]:80", Place("fe80::1%eth0", 80)),
        ("tcp/[::]:7464", Place("::", 7464)),
    ],
)
def test_an_endpoint_with_a_port_is_a_place(endpoint: str, place: Place) -> None:
    assert places_of([endpoint, endpoint]) == [place]


@pytest.mark.parametrize(
    "endpoint",
    ["udp/10.0.0.1:7464", "quic/10.0.0.1:7464", "unixsock-stream//tmp/mesh", "tcp/127.0.0.1:0"],
)
def test_others_are_none(endpoint: str) -> None:
    assert places_of([endpoint]) == []
