"""A folder that one living process holds."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from filelock import FileLock, Timeout

from cognitive_architecture.foundation.errors import StoreLocked, StoreNotWritable


class OwnedFolder:
    """The right to write in a folder; it ends with the process at the latest.

    Args:
        path: The folder; made if it is missing.
        owner: What the owner is called: the files ``owner.lock`` and ``owner.pid`` say who it is.
    """

    def __init__(self, path: Path, owner: str) -> None:
        self._path = path
        self._owner = owner
        # By default a lock can only be released on the thread that acquired it.
        self._lock = FileLock(path / f"{owner}.lock", thread_local=False)

    def claim(self) -> None:
        """Hold it.

        Raises:
            StoreLocked: A living process holds it; the sentence names it.
            StoreNotWritable: It cannot be written.
        """
        pid_file = self._path / f"{self._owner}.pid"
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
            pid_file.write_text(str(os.getpid()))
        except Timeout:
            with contextlib.suppress(OSError):
                raise StoreLocked(
                    f"{self._path} belongs to a running {self._owner} "
                    f"(process {pid_file.read_text()}): stop it, or choose another --data folder"
                ) from None
            raise StoreLocked(f"{self._path} belongs to a running {self._owner}") from None
        except OSError as error:
            raise StoreNotWritable(
                f"{self._path} cannot be written ({error.strerror}): "
                "check its owner and mode, or choose another --data folder"
            ) from error

    def release(self) -> None:
        """Let it go."""
        self._lock.release()
