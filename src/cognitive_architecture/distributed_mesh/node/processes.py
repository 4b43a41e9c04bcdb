"""A process of its own for handlers that use a whole core, or may have to be killed."""

from __future__ import annotations

import importlib
import multiprocessing
import signal
import sys
import threading
import traceback
from multiprocessing.connection import Connection
from typing import Any

from cognitive_architecture.distributed_mesh.payloads import decode_value, encode_result
from cognitive_architecture.foundation.errors import HandlerError, MeshError
from cognitive_architecture.foundation.remote_errors import from_wire
from cognitive_architecture.foundation.sentences import sentence_of

_Answer = tuple[str, Any]


class HandlerProcess:
    """One worker process, started when first needed and again after it died.

    ``call`` blocks, so it runs on a thread; ``prepare`` and ``kill`` come from the one that asks
    for it.
    """

    def __init__(self) -> None:
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None
        self._lock = threading.Lock()
        self._is_killed = False

    def prepare(self) -> None:
        """Before each call: what was killed before may begin anew."""
        self._is_killed = False

    def call(self, module: str, name: str, payload: bytes, result_bytes_max: int) -> bytes:
        """Run ``module.name(payload)`` there; its encoded result.

        Raises:
            HandlerError: The function failed, or the process died, or was killed before it began.
            MeshError: What the function raised on purpose, as it raised it.
        """
        process, pipe = self._ready()
        try:
            pipe.send((module, name, payload, result_bytes_max))
            kind, *answer = pipe.recv()
        except (EOFError, OSError):
            process.join(1.0)
            code = process.exitcode
            self._forget()
            raise HandlerError(f"the handler's process died (exit code {code})") from None
        if kind == "result":
            data: bytes = answer[0]
            return data
        if kind == "mesh_error":
            raise from_wire(*answer)
        raise HandlerError(answer[0])

    def _ready(self) -> tuple[multiprocessing.process.BaseProcess, Connection]:
        with self._lock:
            if self._is_killed:  # before its thread came so far
                raise HandlerError("the handler was stopped before its process began")
            if self._process is None or self._pipe is None or not self._process.is_alive():
                # "spawn" everywhere: forking a process that has threads can deadlock the child.
                context = multiprocessing.get_context("spawn")
                self._pipe, theirs = context.Pipe()
                self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
                self._process.start()
                theirs.close()
            return self._process, self._pipe

    def _forget(self) -> None:
        with self._lock:
            if self._pipe is not None:
                self._pipe.close()
            self._process = self._pipe = None

    def kill(self) -> None:
        """End the process at once; a call that waits for it raises, and so does one on its way."""
        with self._lock:
            self._is_killed = True
            if self._process is not None:
                self._process.kill()


def _serve(pipe: Connection) -> None:
    """What the worker process does: calls, one after the other."""
    # Ctrl-C reaches every process of the terminal. The node lets handlers finish, and ends this
    # process when it wants to.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            module, name, payload, result_bytes_max = pipe.recv()
        except EOFError:
            return
        pipe.send(_answer(module, name, payload, result_bytes_max))


def _answer(module: str, name: str, payload: bytes, result_bytes_max: int) -> tuple[Any, ...]:
    try:
        function = importlib.import_module(module)
        for part in name.split("."):
            function = getattr(function, part)
        result = function(decode_value(payload))  # type: ignore[operator]
        return "result", encode_result(result, bytes_max=result_bytes_max)
    except MeshError as error:
        return "mesh_error", error.code, sentence_of(error), error.details
    except SystemExit as error:
        return "error", f"the handler called sys.exit({sentence_of(error)})"
    except BaseException as error:  # noqa: BLE001 - whatever a handler raises is its answer
        where = traceback.extract_tb(sys.exc_info()[2])[-1]
        said = sentence_of(error)
        return "error", f"{type(error).__name__}: {said} ({where.name}, line {where.lineno})"
