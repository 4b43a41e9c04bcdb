"""How a Zenoh session is set up, and what its errors mean."""

from __future__ import annotations

import json
import re
from typing import Final

import zenoh

from cognitive_architecture.foundation.errors import ConfigurationError, EndpointInUse, FabricError
from cognitive_architecture.foundation.settings import MeshSettings

_RUST_SOURCE: Final = re.compile(r" at \S+\.rs:\d+\.?")
"""Where in its own sources the library noticed an error: of no use to whoever reads it."""


def config_of(settings: MeshSettings, *, listens: bool) -> zenoh.Config:
    """What a session is opened with.

    Raises:
        ConfigurationError: An endpoint is none.
    """
    config = zenoh.Config()
    endpoints = settings.listen if listens else settings.connect
    entries: dict[str, object] = {
        "mode": "peer",
        "listen/endpoints": endpoints if listens else [],
        "connect/endpoints": [] if listens else endpoints,
        "connect/exit_on_failure": False,
        "connect/retry": {"period_init_ms": 50, "period_max_ms": 500, "period_increase_factor": 2},
        "scouting/multicast/enabled": False,
        "scouting/gossip/enabled": False,
        "transport/link/tx/lease": int(settings.link_lease_s * 1000),
    }
    for name, value in entries.items():
        try:
            config.insert_json5(name, json.dumps(value))
        except zenoh.ZError as error:
            raise ConfigurationError(
                f"mesh.{'listen' if listens else 'connect'}: endpoints look like "
                f"'tcp/127.0.0.1:7464', not {', '.join(endpoints)!r}"
            ) from error
    return config


def explained(error: zenoh.ZError, settings: MeshSettings, *, listens: bool) -> FabricError:
    """Why a session cannot be opened, in a sentence."""
    text = _RUST_SOURCE.sub("", str(error))
    endpoints = ", ".join(settings.listen if listens else settings.connect)
    if "in use" in text.lower() or "10048" in text:
        return EndpointInUse(
            f"another process listens at {endpoints}: stop it, or choose another endpoint "
            "with --listen tcp/127.0.0.1:PORT"
        )
    return FabricError(f"cannot open the network at {endpoints}: {text}")
