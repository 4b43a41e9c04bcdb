"""What a section of settings is, and the kinds of values that several have."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

DEFAULT_PORT: Final = 7464
MIB: Final = 1024 * 1024

Seconds = Annotated[float, Field(ge=0.0, le=31_536_000.0)]
Endpoints = Annotated[
    list[
        Annotated[
            str,
            Field(
                pattern=r"^((tcp|udp|tls|quic|ws)/[^\s/]+:\d{1,5}"
                r"|(unixsock-stream|unixpipe|vsock|serial)/\S+)([?#]\S*)?$"
            ),
        ]
    ],
    Field(
        min_length=1,
        json_schema_extra={"allowed": "one or more endpoints, each like tcp/127.0.0.1:7464"},
    ),
]


class Section(BaseModel):
    """Frozen, and checked when it is made; a docstring under each field says what it is for."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
