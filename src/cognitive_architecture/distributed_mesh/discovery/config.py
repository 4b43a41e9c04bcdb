"""How discovery is set up."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from enum import StrEnum

from cognitive_architecture.foundation.errors import ConfigurationError, require_number
from cognitive_architecture.foundation.sentences import shown


class DiscoveryProtocol(StrEnum):
    """How the sessions of a fabric are to find each other on a network."""

    MULTICAST = "multicast"
    BROADCAST = "broadcast"
    GOSSIP = "gossip"
    CENTRALIZED = "centralized"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryConfig:
    """How a node makes itself known, and how long others are believed."""

    protocol: DiscoveryProtocol = DiscoveryProtocol.MULTICAST
    """Kept and shown; see ``discovery``."""

    multicast_group: str = "224.0.0.224"
    """For MULTICAST; kept and shown."""

    multicast_port: int = 7446
    """For MULTICAST and BROADCAST; kept and shown."""

    discovery_interval: float = 5.0
    """Seconds between two repetitions of the own advertisement. Lower shows changes of load
    sooner; newcomers are answered at once in any case."""

    advertisement_ttl: float = 30.0
    """Seconds the own advertisement may be believed; at least two intervals, so that one
    repetition may be late."""

    max_discovery_retries: int = 3
    """For the search of sessions; kept and shown."""

    gossip_fanout: int = 3
    """For GOSSIP; kept and shown."""

    enable_capability_matching: bool = True
    """Judge nodes by declared ties between capabilities and by their record; without it only by
    whether they state every required capability."""

    enable_load_balancing: bool = True
    """Prefer nodes with room."""

    def __post_init__(self) -> None:
        if not isinstance(self.protocol, DiscoveryProtocol):
            raise ConfigurationError(
                f"protocol: a DiscoveryProtocol ({', '.join(DiscoveryProtocol)}), "
                f"not {shown(self.protocol)}"
            )
        if not _is_multicast(self.multicast_group):
            raise ConfigurationError(
                "multicast_group: a multicast address (224.0.0.0 to 239.255.255.255, or ff00::/8), "
                f"not {shown(self.multicast_group)}"
            )
        require_number("multicast_port", self.multicast_port, low=1, high=65_535, whole=True)
        require_number(
            "discovery_interval", self.discovery_interval, low=0.0, high=3600.0, above_low=True
        )
        require_number("advertisement_ttl", self.advertisement_ttl, low=0.0, high=86_400.0)
        if self.advertisement_ttl < 2 * self.discovery_interval:
            raise ConfigurationError(
                "advertisement_ttl must allow two intervals: "
                f"{self.advertisement_ttl:g} < 2 * {self.discovery_interval:g}"
            )
        require_number(
            "max_discovery_retries", self.max_discovery_retries, low=0, high=1000, whole=True
        )
        require_number("gossip_fanout", self.gossip_fanout, low=1, high=1000, whole=True)


def _is_multicast(address: object) -> bool:
    try:
        return isinstance(address, str) and ipaddress.ip_address(address).is_multicast
    except ValueError:
        return False
