"""The journal of decisions in a file: ``decisions-EPOCH.journal``, one for each owner."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import structlog

from cognitive_architecture.foundation.errors import JournalUnreadable

_log = structlog.get_logger(__name__)

_CHUNK_BYTES: Final = 1 << 20
_BUFFER_BYTES: Final = 1 << 18


class DecisionFile:
    """Keeps the records of one owner, up to a bound; whatever goes wrong with it ends it alone.

    A journal is an aid for people. So a full disk or a file that reached its bound stops the
    recording, says so once, and never keeps the orchestrator from its work.

    Args:
        path: Of the file; an older one of that name is replaced.
        bytes_max: The file stops growing there.
    """

    def __init__(self, path: Path, bytes_max: int) -> None:
        self._path = path
        self._bytes_left = bytes_max
        self._file: BinaryIO | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("wb", buffering=_BUFFER_BYTES)
        except OSError as error:
            self._stop(error.strerror or str(error))

    def write(self, record: bytes) -> None:
        """Keep a record, if there is room for it and for all before it."""
        if self._file is None:
            return
        self._bytes_left -= len(record)
        if self._bytes_left < 0:
            self._stop("it has reached its bound (store.decisions_mib_max)")
            return
        try:
            self._file.write(record)
        except OSError as error:
            self._stop(error.strerror or str(error))

    def flush(self) -> None:
        """Let other processes read what was kept."""
        if self._file is None:
            return
        try:
            self._file.flush()
        except OSError as error:
            self._stop(error.strerror or str(error))

    def _stop(self, why: str) -> None:
        _log.warning("decisions_no_longer_recorded", file=str(self._path), why=why)
        self.close()

    def close(self) -> None:
        """Keep nothing more."""
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError:  # what was still in the buffer is lost; a cut-off record is no error
                pass


def chunks_of(path: Path) -> Iterator[bytes]:
    """The bytes of a journal, in portions.

    Raises:
        JournalUnreadable: The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk
    except OSError as error:
        raise JournalUnreadable(
            f"{path} cannot be read ({error.strerror}): 'cogmesh up --record' writes such files "
            "into its data folder"
        ) from error
