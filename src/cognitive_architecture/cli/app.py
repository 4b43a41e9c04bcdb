"""The commands, put together, and what becomes of whatever they raise."""

from __future__ import annotations

import inspect
import os
import re
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from cognitive_architecture import __version__
from cognitive_architecture.foundation.errors import MeshError

from .commands import atoms
from .commands.attention import plot, show, stimulate
from .commands.cancel import cancel
from .commands.doctor import doctor
from .commands.drain import drain
from .commands.explain import explain
from .commands.failures import failures
from .commands.handlers import handlers
from .commands.match import match
from .commands.node import node
from .commands.nodes import nodes
from .commands.replay import replay
from .commands.reprioritise import reprioritise
from .commands.settings import settings
from .commands.simulate import simulate
from .commands.status import status
from .commands.submit import submit
from .commands.task import task
from .commands.tasks import tasks
from .commands.up import up
from .commands.version import version
from .commands.weigh import weigh
from .outcomes import ExitCode, exit_code_of, exit_codes_in_words
from .rendering import print_error, print_fault

# The base class of every complaint about words on the command line. typer has brought its own
# copy of click since 0.27, so it is found from where it is in every version.
_UsageError: Final[type[Exception]] = typer.BadParameter.__bases__[0]

_NEGATIVE: Final = re.compile(r"-\d+(\.\d+)?|-\.\d+")


class _Interrupted(Exception):
    """Ctrl-C."""


class _ReaderGone(Exception):
    """Whoever read the output has seen enough (``cogmesh tasks | head``)."""


class _Commands(TyperGroup):
    """Ends every command with an exit code and, at most, a sentence."""

    def main(self, args: Sequence[str] | None = None, *more: Any, **extra: Any) -> Any:
        """Run the command that the words name, and leave."""
        words = sys.argv[1:] if args is None else list(args)
        extra["standalone_mode"] = False
        extra["prog_name"] = "cogmesh"
        sys.exit(_run(lambda: super(_Commands, self).main(words, *more, **extra), words))

    def get_params(self, ctx: Any) -> list[Any]:
        """Its own options."""
        return _without_types_of_flags(super().get_params(ctx))

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what typer would answer in its own way is given another name."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise _Interrupted from None
        except BrokenPipeError:
            raise _ReaderGone from None


class _Command(TyperCommand):
    """Shows its flags without a type: typer would write ``<bool>`` beside each."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Its arguments and options."""
        return _without_types_of_flags(super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the words apart."""
        return super().parse_args(ctx, _numbers_last(args))


def _numbers_last(words: list[str]) -> list[str]:
    """The same, with ``--`` before a negative number, which is no option."""
    if "--" in words:
        return words
    rest: list[str] = []
    numbers: list[str] = []
    for before, word in zip(["", *words], words, strict=False):
        is_number = _NEGATIVE.fullmatch(word) and not before.startswith("-")
        (numbers if is_number else rest).append(word)
    return [*rest, "--", *numbers] if numbers else rest


def _without_types_of_flags(params: Iterable[Any]) -> list[Any]:
    found = list(params)
    for param in found:
        if getattr(param, "is_flag", False) and param.metavar is None:
            param.metavar = ""
    return found


def _run(command: Any, words: list[str]) -> ExitCode:
    as_json = "--json" in words
    try:
        return ExitCode(command() or ExitCode.OK)
    except MeshError as error:
        print_error(error, as_json=as_json)
        return exit_code_of(error)
    except _UsageError as error:
        print_fault("wrong_usage", _in_words(error), as_json=as_json)
        return ExitCode.WRONG_USAGE
    except _Interrupted:
        print_fault("interrupted", "interrupted", as_json=as_json)
        return ExitCode.INTERRUPTED
    except _ReaderGone:
        # What is still in the buffer must go somewhere, or Python complains at the very end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    except Exception as error:  # noqa: BLE001 - the last place where anybody can say anything
        print_fault("bug", _confession(error), as_json=as_json)
        return ExitCode.BUG


def _in_words(error: Any) -> str:
    text = str(error.format_message()).strip().rstrip(".")
    path = error.ctx.command_path if error.ctx is not None else "cogmesh"
    return f"{text[:1].lower()}{text[1:]}; '{path} --help' shows what there is"


def _confession(error: Exception) -> str:
    """Whose fault it is, and where the details are that a report needs."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="cogmesh-bug-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write(f"cogmesh {__version__}, Python {sys.version}, {sys.platform}\n")
        file.write(f"arguments: {sys.argv[1:]}\n\n")
        traceback.print_exception(error, file=file)
    return (
        f"this is a bug in cogmesh and no mistake of yours: {type(error).__name__}: {error}\n"
        f"please report it, with the file {file.name}"
    )


def _reflowed(command: Callable[..., object]) -> str:
    """Its docstring with one line for each paragraph, so that the terminal decides the breaks."""
    paragraphs = (inspect.getdoc(command) or "").split("\n\n")
    # A list like [{task_id}] in the text is no markup.
    return "\n\n".join(" ".join(text.split()).replace("[", "\\[") for text in paragraphs)


app = typer.Typer(
    cls=_Commands,
    add_completion=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="[bold]Exit codes[/bold]\n" + exit_codes_in_words(),
)


@app.callback(invoke_without_command=True)
def cogmesh(
    context: typer.Context,
    show_version: Annotated[
        bool, typer.Option("--version", help="Show the version and leave.", is_eager=True)
    ] = False,
) -> None:
    """One self-healing mesh of agents out of the machines on a network.

    Start with [bold]cogmesh up --nodes 2[/bold], then [bold]cogmesh status[/bold].
    """
    if show_version:
        typer.echo(f"cogmesh {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


for _panel, _commands in {
    "Run a mesh": (up, node),
    "Give it work": (submit, task, tasks, explain, reprioritise, cancel),
    "Look at it": (status, nodes, failures, handlers, match, replay),
    "Look after it": (drain, weigh, doctor, simulate, settings, version),
}.items():
    for _command in _commands:
        app.command(cls=_Command, rich_help_panel=_panel, help=_reflowed(_command))(_command)


_atoms = typer.Typer(
    help="The atoms of the mesh: add, find, look at, remove.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _about_atoms in (atoms.add, atoms.query, atoms.show, atoms.remove, atoms.stats, atoms.dismiss):
    _atoms.command(cls=_Command, help=_reflowed(_about_atoms))(_about_atoms)
app.add_typer(_atoms, name="atoms", rich_help_panel="Look at it")

_attention = typer.Typer(
    help="How attention moves: who holds it, who is given more, pictures of it.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _about_attention in (show, stimulate, plot):
    _attention.command(cls=_Command, help=_reflowed(_about_attention))(_about_attention)
app.add_typer(_attention, name="attention", rich_help_panel="Look at it")
