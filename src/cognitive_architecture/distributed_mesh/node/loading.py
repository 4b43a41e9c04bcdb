"""Finds the handlers that a file or a module declares."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from cognitive_architecture.distributed_mesh.handlers import (
    Handler,
    HandlerKind,
    declared_handler,
)
from cognitive_architecture.foundation.errors import HandlersFileError
from cognitive_architecture.foundation.sentences import sentence_of, shown


def load_handlers(source: str) -> list[Handler]:
    """The handlers in ``file.py`` or ``package.module``.

    Raises:
        HandlersFileError: It cannot be found or loaded, or declares no handler; the sentence
            says where the mistake is.
    """
    return load_source(source)[0]


def load_source(source: str) -> tuple[list[Handler], dict[str, Any]]:
    """The handlers that a source declares, and what it says of the node that offers them.

    The latter is its variable ``COGMESH_NODE``, a dict like the metadata of a node: ``attributes``,
    ``labels``, ``rules`` and whatever else people may want to know.

    Raises:
        HandlersFileError: It cannot be found or loaded, declares no handler, or ``COGMESH_NODE``
            is no dict; the sentence says where the mistake is.
    """
    module = _load_file(Path(source)) if source.endswith(".py") else _load_module(source)
    said = vars(module).get("COGMESH_NODE", {})
    if not isinstance(said, dict):
        raise HandlersFileError(
            f"{source}: COGMESH_NODE is a dict of what is said of the node, not {shown(said)}"
        )
    found = [handler for value in vars(module).values() if (handler := declared_handler(value))]
    if not found:
        raise HandlersFileError(
            f"{source} declares no handler: put @handles('name-of-capability') before a function "
            "that takes (payload, task)"
        )
    for handler in found:
        _refuse_wrong_signature(source, handler)
    return found, said


def _refuse_wrong_signature(source: str, handler: Handler) -> None:
    """A task that fails with a TypeError is a late and dear way to learn of it."""
    by_process = handler.kind is HandlerKind.PROCESS
    takes = ("payload",) if by_process else ("payload", "task")
    try:
        signature = inspect.signature(handler.function)
    except (TypeError, ValueError):  # some of those written in C do not say
        return
    try:
        signature.bind(*takes)
    except TypeError:
        raise HandlersFileError(
            f"{source}: the handler of {handler.capability!r} takes "
            f"({', '.join(signature.parameters)}); "
            f"{'with process=True ' if by_process else ''}it must take ({', '.join(takes)})"
        ) from None


def by_capability(handlers: Iterable[Handler]) -> dict[str, Handler]:
    """The handlers by what they serve.

    Raises:
        HandlersFileError: Two of them serve the same capability.
    """
    found: dict[str, Handler] = {}
    for handler in handlers:
        other = found.get(handler.capability)
        if other is not None and other.function is not handler.function:
            raise HandlersFileError(
                f"capability {handler.capability!r} is declared twice: by "
                f"{other.function.__module__}.{other.function.__qualname__} and "
                f"{handler.function.__module__}.{handler.function.__qualname__}"
            )
        found[handler.capability] = handler
    return found


def _load_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise HandlersFileError(f"{path}: there is no such file")
    # The folder goes on the path, so that the file may import its neighbours and a handler with
    # process=True can be found by its module name.
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    namesake = sys.modules.get(path.stem)
    if namesake is not None and not _is_from(namesake, path):
        raise HandlersFileError(
            f"{path}: a module named {path.stem!r} is loaded already; give the file another name"
        )
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise HandlersFileError(f"{path}: this is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[path.stem]
        raise _explained(str(path), error) from error
    return module


def _is_from(module: ModuleType, path: Path) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and Path(file).resolve() == path.resolve()


def _load_module(name: str) -> ModuleType:
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise _explained(name, error) from error


def _explained(source: str, error: BaseException) -> HandlersFileError:
    if isinstance(error, HandlersFileError):
        return HandlersFileError(f"{source}: {error}")
    if isinstance(error, SyntaxError):
        # It may be in a module that the source imports.
        elsewhere = error.filename and Path(error.filename).name != Path(source).name
        place = f"{error.filename}, line" if elsewhere else "line"
        where = f"{place} {error.lineno}: " if error.lineno else ""
        return HandlersFileError(f"{source}: {where}{error.msg}")
    if isinstance(error, ModuleNotFoundError):
        return HandlersFileError(
            f"{source}: there is no module {error.name!r}; install it, or check the spelling"
        )
    return HandlersFileError(
        f"{source}: loading it raised {type(error).__name__}: {sentence_of(error)}"
    )
