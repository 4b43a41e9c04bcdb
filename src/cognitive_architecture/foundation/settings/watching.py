"""What is written and measured."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .kinds import Section


class LogSettings(Section):
    """What is written about what happens."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """What is less important than this is not written."""

    as_json: bool = False
    """One JSON object a line instead of text for people."""


class MetricsSettings(Section):
    """What Prometheus may read."""

    listen: Annotated[
        str | None,
        Field(
            pattern=r"^[^\s:/]+:\d{1,5}$",
            examples=["127.0.0.1:9464"],
            json_schema_extra={"allowed": "ADDRESS:PORT"},
        ),
    ] = None
    """Where an orchestrator shows its measures, as ``ADDRESS:PORT``; nowhere by default. There is
    no access control, so open it only to a network you trust."""
