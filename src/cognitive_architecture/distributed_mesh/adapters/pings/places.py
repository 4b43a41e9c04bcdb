"""Where to ping, and where to answer: at the address and port of a link's endpoint, over UDP.

So nothing has to be told or set besides the endpoints, and whoever opens a port for the mesh opens
the same number for both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_WITH_A_PORT: Final = re.compile(
    r"(?:tcp|tls|ws)/(?:\[(?P<bracketed>[^\]]+)\]|(?P<host>[^\[\]]+)):(?P<port>\d+)(?:[?#].*)?"
)
"""Of endpoints whose port is free for datagrams; ``udp`` and ``quic`` use it themselves."""


@dataclass(frozen=True, slots=True)
class Place:
    """A host and a port."""

    host: str
    port: int


def places_of(endpoints: Iterable[str]) -> list[Place]:
    """The places of those endpoints that have one, each once."""
    places: dict[Place, None] = {}
    for endpoint in endpoints:
        found = _WITH_A_PORT.fullmatch(endpoint)
        # A port that the system chooses is known to nobody before.
        if found is not None and 0 < int(found["port"]) < 65_536:
            places[Place(found["bracketed"] or found["host"], int(found["port"]))] = None
    return list(places)
