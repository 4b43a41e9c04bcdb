"""What the tests let run in another process; it imports this file by name."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any

from cognitive_architecture.distributed_mesh.handlers import handles
from cognitive_architecture.foundation.errors import PermanentFailure


@handles("where", process=True)
def where(payload: dict[str, Any]) -> Any:
    return {"pid": os.getpid(), "payload": payload}


@handles("die", process=True)
def die(payload: dict[str, Any]) -> None:
    os._exit(payload["code"])


@handles("misbehave", process=True)
def misbehave(payload: dict[str, Any]) -> Any:
    match payload["how"]:
        case "ordinary":
            raise ZeroDivisionError("nobody can")
        case "for good":
            raise PermanentFailure("no way")
        case "exit":
            sys.exit(3)
        case "interrupt":
            raise KeyboardInterrupt
        case "half":
            raise ValueError("half: \ud83d")
        case "strange":
            return {1, 2}
        case _:
            return "x" * 2000


@handles("interrupted", process=True)
def interrupted(payload: dict[str, Any]) -> str:
    os.kill(os.getpid(), signal.SIGINT)
    return "not disturbed"


@handles("hang", process=True)
def hang(payload: dict[str, Any]) -> None:
    threading.Event().wait(600.0)
