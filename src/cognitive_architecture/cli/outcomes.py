"""How a command can end, as programs see it: the exit code."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from cognitive_architecture.foundation import errors


class ExitCode(IntEnum):
    """What a command leaves behind for the shell."""

    OK = 0
    UNSUCCESSFUL = 1
    WRONG_USAGE = 2
    UNREACHABLE = 3
    REFUSED = 4
    NOT_FOUND = 5
    TAKEN = 6
    HUNG = 7
    GIVEN_UP = 8
    BUG = 70
    INTERRUPTED = 130

    @property
    def meaning(self) -> str:
        """In words, for the help page."""
        return _MEANINGS[self]


_MEANINGS: Final = {
    ExitCode.OK: "done",
    ExitCode.UNSUCCESSFUL: "the task failed or was cancelled, or a simulation broke a promise",
    ExitCode.WRONG_USAGE: "wrong words, settings, payload or handlers file",
    ExitCode.UNREACHABLE: "no orchestrator can be reached",
    ExitCode.REFUSED: "the mesh refused: queue full, unknown capability, no node that can …",
    ExitCode.NOT_FOUND: "no such task or node",
    ExitCode.TAKEN: "port, data folder or node id is taken, or cannot be used",
    ExitCode.HUNG: "a handler did not stop, and its node ended with it",
    ExitCode.GIVEN_UP: "a supervised node died too often to be started again",
    ExitCode.BUG: "a bug in cogmesh",
    ExitCode.INTERRUPTED: "interrupted by Ctrl-C",
}


class WrongUsage(errors.MeshError):
    """The words on the command line do not make sense together."""

    code = "wrong_usage"


class UnknownNode(errors.MeshError):
    """No node with this id is in the mesh."""

    code = "unknown_node"


_BY_CLASS: Final[tuple[tuple[type[errors.MeshError], ExitCode], ...]] = (
    (errors.TaskUnsuccessful, ExitCode.UNSUCCESSFUL),
    (WrongUsage, ExitCode.WRONG_USAGE),
    (errors.ConfigurationError, ExitCode.WRONG_USAGE),
    (errors.InvalidTask, ExitCode.WRONG_USAGE),
    (errors.HandlersFileError, ExitCode.WRONG_USAGE),
    (errors.JournalUnreadable, ExitCode.WRONG_USAGE),
    (errors.HandlerStuck, ExitCode.HUNG),
    (errors.UnknownTask, ExitCode.NOT_FOUND),
    (UnknownNode, ExitCode.NOT_FOUND),
    (errors.EndpointInUse, ExitCode.TAKEN),
    (errors.DuplicateNode, ExitCode.TAKEN),
    (errors.StoreFull, ExitCode.REFUSED),
    (errors.StoreError, ExitCode.TAKEN),
    (errors.FabricError, ExitCode.UNREACHABLE),
)


def exit_code_of(error: errors.MeshError) -> ExitCode:
    """The exit code that an error ends a command with; the first line that fits counts."""
    for kind, code in _BY_CLASS:
        if isinstance(error, kind):
            return code
    return ExitCode.REFUSED


def exit_codes_in_words() -> str:
    """All of them, a line each, for the help page."""
    return "\n".join(f"{code.value:<5}{code.meaning}" for code in ExitCode)
