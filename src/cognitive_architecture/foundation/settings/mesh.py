"""Which mesh, how to reach it, and how patient those are who ask it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .kinds import DEFAULT_PORT, Endpoints, Seconds, Section


class MeshSettings(Section):
    """Which mesh, and how to reach it."""

    name: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$",
            json_schema_extra={
                "allowed": "1 to 64 letters, digits, '_', '.' and '-', the first a letter or digit"
            },
        ),
    ] = "home"
    """Name of the mesh; processes of different meshes do not hear each other."""

    listen: Endpoints = [f"tcp/127.0.0.1:{DEFAULT_PORT}"]
    """Endpoints an orchestrator listens at, as ``tcp/ADDRESS:PORT``. The default is this machine
    alone; there is no access control yet, so open it only to a network you trust."""

    connect: Endpoints = [f"tcp/127.0.0.1:{DEFAULT_PORT}"]
    """Endpoints a node or a client tries, as ``tcp/ADDRESS:PORT``."""

    connect_timeout_s: Annotated[Seconds, Field(gt=0.0)] = 5.0
    """How long to look for an orchestrator before giving up with a sentence."""

    ping_s: Annotated[float, Field(ge=0.0, le=10.0)] = 0.1
    """Seconds between two pings, by which a cut cable or a frozen process is noticed: datagrams to
    the address and port of the endpoint, over UDP. Where more than a hundred processes ping one
    orchestrator, it asks each of them for fewer. 0: no pings."""

    ping_silence_s: Annotated[float, Field(ge=0.2, le=60.0)] = 1.0
    """A steady process with which there was no contact for so long is gone. Whoever has pauses is
    waited for up to ten times as long: five times its longest pause lately."""

    link_lease_s: Annotated[float, Field(ge=0.2, le=300.0)] = 40.0
    """A process whose link is silent for so long is cut off by whoever it is linked to: each side
    is judged by the lease it has announced itself. It is what is left where pings do not get
    through: there, 1 to 5 s notice a cut cable sooner, and cut links on a network that loses
    packets."""


class ClientSettings(Section):
    """How a program that is no node talks to the mesh."""

    answer_timeout_s: Annotated[Seconds, Field(gt=0.0)] = 30.0
    """How long a request may stay unanswered, a restart of the orchestrator included."""

    in_flight_max: Annotated[int, Field(ge=1, le=10_000_000)] = 20_000
    """Submitted and not yet acknowledged tasks of one client; beyond, ``submit`` waits."""
