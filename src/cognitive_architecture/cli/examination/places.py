"""Can an orchestrator live here: its data folder, the disk under it, its port."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Final

from cognitive_architecture.cli.endpoints import Endpoint
from cognitive_architecture.cli.outcomes import ExitCode

from .findings import Finding, doubt, failure, well

_MIB: Final = 1024 * 1024
_FREE_LITTLE: Final = 1024 * _MIB
_FREE_NOTHING: Final = 64 * _MIB


def data_folder(folder: Path) -> Finding:
    """Whether tasks can be kept there, and whether somebody does already."""
    if not folder.exists():
        parent = next(parent for parent in folder.absolute().parents if parent.exists())
        if os.access(parent, os.W_OK | os.X_OK):
            return well("data", f"{folder} does not exist yet; cogmesh up makes it")
        return _not_writable(parent)
    if not folder.is_dir():
        return failure(
            "data", f"{folder} is no folder", "choose another with --data", ExitCode.TAKEN
        )
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        return _not_writable(folder)
    owner = _owner(folder)
    who = f"an orchestrator (process {owner}) keeps its tasks there" if owner else "nobody uses it"
    return _tables(folder, who) or well("data", f"{folder} is new; {who}")


def _not_writable(folder: Path) -> Finding:
    return failure(
        "data",
        f"{folder} cannot be written",
        "change its owner or mode, or choose another folder with --data",
        ExitCode.TAKEN,
    )


def _owner(folder: Path) -> str | None:
    """The process that holds the folder, if any does."""
    lock = folder / "orchestrator.lock"
    if not lock.exists():
        return None
    # Only this check needs it.
    from filelock import FileLock, Timeout

    try:
        with FileLock(lock, timeout=0):
            return None
    except Timeout:
        try:
            return (folder / "orchestrator.pid").read_text("utf-8").strip() or "unknown"
        except OSError:
            return "unknown"


def _tables(folder: Path, who: str) -> Finding | None:
    """What the store's file says of itself; ``None`` if there is no file."""
    # The number of the tables' version stands beside the tables.
    from cognitive_architecture.distributed_mesh.adapters.sql_schema import NEWEST

    file = folder / "cogmesh.sqlite3"
    if not file.exists():
        return None
    try:
        connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=2.0)
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as error:
        return failure(
            "data",
            f"{file} is damaged or no task store ({error})",
            "move it away to start afresh, or restore a copy",
            ExitCode.TAKEN,
        )
    version = str(row[0]) if row else "none"
    if version > NEWEST:
        return failure(
            "data",
            f"{file} has tables of version {version}, this program knows up to {NEWEST}",
            "install the newer cogmesh that wrote it, or choose another folder with --data",
            ExitCode.TAKEN,
        )
    size = file.stat().st_size
    return well("data", f"{folder}, tables of version {version}, {_size(size)}; {who}")


def disk(folder: Path) -> Finding:
    """The room left."""
    place = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(place).free
    said = f"{_size(free)} free under {place}"
    if free < _FREE_NOTHING:
        return failure("disk", said, "make room: a full disk refuses new tasks", ExitCode.REFUSED)
    if free < _FREE_LITTLE:
        return doubt("disk", said, "make room: a full disk refuses new tasks")
    return well("disk", said)


def _size(size: int) -> str:
    if size >= 1024 * _MIB:
        return f"{size / _MIB / 1024:,.1f} GiB"
    return f"{size / _MIB:,.1f} MiB" if size >= _MIB else f"{size / 1024:,.0f} KiB"


def port(endpoint: str) -> Finding:
    """Whether an orchestrator could listen there, or one does."""
    parts = Endpoint.of(endpoint)
    if parts.protocol not in ("tcp", "tls", "ws") or not parts.port:
        return well("port", f"{endpoint} is not looked at: it is not TCP")
    host = parts.host.strip("[]").replace("*", "")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":  # there the option would let two processes share a port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, parts.port))
        except OSError as error:
            return _port_refused(endpoint, parts.port, error)
    return well("port", f"{endpoint} is free")


def _port_refused(endpoint: str, number: int, error: OSError) -> Finding:
    if error.errno == errno.EADDRNOTAVAIL:
        return failure(
            "port",
            f"{endpoint}: this machine has no such address",
            "listen at one of its own, or at tcp/0.0.0.0:PORT for all of them",
            ExitCode.TAKEN,
        )
    if error.errno != errno.EADDRINUSE and getattr(error, "winerror", None) != 10048:
        return failure(
            "port",
            f"{endpoint} cannot be used: {error.strerror}",
            "choose another port with --listen",
            ExitCode.TAKEN,
        )
    who, is_ours = _listener(number)
    if is_ours:
        return well("port", f"{endpoint} is where an orchestrator listens ({who})")
    return failure(
        "port",
        f"{endpoint} is taken by {who}",
        "stop that, or choose another port with --listen",
        ExitCode.TAKEN,
    )


def _listener(number: int) -> tuple[str, bool]:
    """Who listens at a port of this machine, and whether that is cogmesh."""
    # Only this check needs to know other processes.
    import psutil

    try:
        for connection in psutil.net_connections("tcp"):
            address = connection.laddr
            if connection.status != psutil.CONN_LISTEN or not address or address.port != number:
                continue
            if connection.pid is not None:
                process = psutil.Process(connection.pid)
                words = " ".join(process.cmdline())
                is_ours = "cogmesh" in words or "cognitive_architecture" in words
                return f"process {process.pid}, {process.name()}", is_ours
    except psutil.Error:
        pass
    return "a process this user may not see", False
