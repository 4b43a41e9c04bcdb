"""What a running process writes about what happens: short lines for people, or JSON.

Called by the command line only; a program that uses this package as a library keeps its own way
of logging.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import MutableMapping
from typing import Any, Final, TextIO

import structlog
from structlog.dev import Column, ConsoleRenderer, plain_traceback
from structlog.typing import Processor

from .settings import LogSettings

_DIM: Final = "\x1b[2m"
_RESET: Final = "\x1b[0m"
_LEVEL_COLOURS: Final = {
    "warning": "\x1b[33m",
    "error": "\x1b[31m",
    "critical": "\x1b[31m",
}


def configure_logs(settings: LogSettings, *, name: str = "", stream: TextIO | None = None) -> None:
    """Send every event of this process to ``stream``.

    Args:
        settings: What to write, and for whom.
        name: Of this process among others that write to the same place.
        stream: Where to; standard error if left out, because standard output is for results.
    """
    stream = stream or sys.stderr
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    shared: list[Processor] = [structlog.processors.add_log_level, _without_nothing]
    if settings.as_json:
        shared += [
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.format_exc_info,
        ]
        renderer: Processor = _JsonLines(name)
    else:
        shared.append(structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False))
        renderer = _for_people(name, in_colour=_wants_colour(stream))
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # One write a line, so that the lines of several processes do not mix.
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=False,
    )
    _configure_standard_logging(stream, level, shared, renderer)


def _configure_standard_logging(
    stream: TextIO, level: int, shared: list[Processor], renderer: Processor
) -> None:
    """Let libraries that use Python's own logging look the same, and say only what matters."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))


def _wants_colour(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR")


def _without_nothing(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A field without a value says nothing."""
    return {key: value for key, value in event.items() if value is not None and value != ""}


class _JsonLines:
    """One object a line: ``at``, ``level``, ``event``, ``process`` if it has a name, and facts."""

    def __init__(self, name: str) -> None:
        self._name = {"process": name} if name else {}

    def __call__(self, _logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
        first = {key: event.pop(key) for key in ("at", "level", "event") if key in event}
        return json.dumps(first | self._name | dict(event), ensure_ascii=False, default=str)


def _for_people(name: str, *, in_colour: bool) -> ConsoleRenderer:
    dim, reset = (_DIM, _RESET) if in_colour else ("", "")
    prefix = f"{dim}{name} │{reset} " if name else ""

    def time(key: str, value: object) -> str:  # noqa: ARG001 - the form of every column
        return f"{prefix}{dim}{value}{reset}"

    def level(key: str, value: object) -> str:  # noqa: ARG001 - the form of every column
        """Said only where somebody should look up."""
        colour = _LEVEL_COLOURS.get(str(value))
        if colour is None:
            return ""
        return f"{colour}{value}{reset}" if in_colour else str(value)

    def event(key: str, value: object) -> str:  # noqa: ARG001 - the form of every column
        return str(value).replace("_", " ")

    def fact(key: str, value: object) -> str:
        return f"{dim}{key}={reset}{_shown(value)}"

    return ConsoleRenderer(
        columns=[
            Column("timestamp", time),
            Column("level", level),
            Column("event", event),
            Column("", fact),
        ],
        exception_formatter=plain_traceback,
    )


def _shown(value: object) -> str:
    """A value with quotes only where its end could not be seen."""
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if " " in text or "\n" in text else text
