"""Endpoints as they are written: ``tcp/ADDRESS:PORT``."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Final

_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]", "*": "127.0.0.1"}  # noqa: S104
"""Addresses that mean all of this machine's, and the one by which the machine reaches itself."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint, taken apart."""

    protocol: str
    host: str
    port: int | None

    @classmethod
    def of(cls, text: str) -> Endpoint:
        """The parts; ``port`` is ``None`` where there is none."""
        protocol, _, rest = text.partition("/")
        host, _, port = rest.rpartition(":")
        if not port.isdigit():
            return cls(protocol, rest, None)
        return cls(protocol, host, int(port))

    @property
    def is_everywhere(self) -> bool:
        """Whether it stands for every address of the machine."""
        return self.host in _EVERYWHERE

    @property
    def is_this_machine_alone(self) -> bool:
        """Whether other machines cannot reach it."""
        return self.host in ("localhost", "[::1]") or self.host.startswith("127.")

    def with_host(self, host: str) -> str:
        """The endpoint's text, with another address."""
        return f"{self.protocol}/{host}" + ("" if self.port is None else f":{self.port}")


def from_this_machine(endpoint: str) -> str:
    """How a process of this machine reaches what listens at ``endpoint``."""
    parts = Endpoint.of(endpoint)
    return parts.with_host(_EVERYWHERE.get(parts.host, parts.host))


def from_other_machines(endpoint: str) -> str | None:
    """How other machines of the network reach it; ``None`` if they cannot, or nobody knows."""
    parts = Endpoint.of(endpoint)
    if parts.is_this_machine_alone:
        return None
    if not parts.is_everywhere:
        return endpoint
    # Loaded only where the machine's addresses matter.
    import psutil

    by_interface = psutil.net_if_addrs()
    own = [
        address.address
        for name in sorted(by_interface)
        for address in by_interface[name]
        if address.family == socket.AF_INET and not address.address.startswith("127.")
    ]
    return parts.with_host(own[0]) if own else None
