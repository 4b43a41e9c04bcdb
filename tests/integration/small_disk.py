"""A disk of a few megabytes that a test may fill, or that may not be written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

_PIECE: Final = b"\x00" * 4096


class SmallDisk:
    """A file system in memory, mounted at ``path``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ballast = path / "ballast"

    def fill(self) -> None:
        """Leave no room."""
        with self._ballast.open("ab", buffering=0) as ballast:
            try:
                while ballast.write(_PIECE):
                    pass
            except OSError:
                return

    def make_room(self) -> None:
        """Undo ``fill``."""
        self._ballast.unlink()

    def make_read_only(self) -> None:
        """Nothing can be written any more."""
        subprocess.run(["mount", "-o", "remount,ro", str(self.path)], check=True)


@contextmanager
def small_disk(path: Path, *, mib: int) -> Iterator[SmallDisk]:
    """Mount one; it is gone afterwards. Where that is not allowed, the test is skipped."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root of a Linux machine may mount a small disk to fill")
    path.mkdir()
    mounting = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={mib}m", "cogmesh-test", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounting.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted here: {mounting.stderr.strip()}")
    try:
        yield SmallDisk(path)
    finally:
        subprocess.run(["umount", str(path)], check=True)
