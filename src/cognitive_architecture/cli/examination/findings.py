"""What an examination finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cognitive_architecture.cli.outcomes import ExitCode


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    """It works, but somebody should know."""
    FAIL = "fail"
    """Something will not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    level: Level
    subject: str
    """What was looked at, in one word."""
    sentence: str
    advice: str = ""
    """What to do about it; empty if nothing."""
    code: ExitCode = ExitCode.OK
    """What the command ends with, if this is the first thing that fails."""


def well(subject: str, sentence: str) -> Finding:
    """As it should be."""
    return Finding(Level.OK, subject, sentence)


def doubt(subject: str, sentence: str, advice: str) -> Finding:
    """Worth knowing."""
    return Finding(Level.WARN, subject, sentence, advice)


def failure(subject: str, sentence: str, advice: str, code: ExitCode) -> Finding:
    """It will not work."""
    return Finding(Level.FAIL, subject, sentence, advice, code)


def verdict(findings: list[Finding]) -> ExitCode:
    """The exit code of the report: that of the first failure."""
    return next((f.code for f in findings if f.level is Level.FAIL), ExitCode.OK)
