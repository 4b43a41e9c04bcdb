"""The steps of folding the log of a SQLite store into its snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from cognitive_architecture.storage.owned_file import OwnedFile

from .folding import PART_ATOMS_MIN, LogChanges, Record, cut_evenly, part_of
from .portions import PORTION_CHANGES, Portion, encode, in_portions
from .reading import decoded, removed_by_log
from .tables import log, parts

_CUT_CHANGES: Final = 50_000
_CUT_ROWS: Final = 2000
"""The most of the log that one commit cuts, so that nobody waits long for it."""

_PartRow = tuple[int, int, int, bytes]
"""First number, last number, atoms, portion."""


class Compaction:
    """One fold: what was in the log when it began.

    Args:
        file: The store's.
    """

    def __init__(self, file: OwnedFile) -> None:
        self._file = file
        with file.reading() as connection:
            summary = sa.select(
                sa.func.max(log.c.serial), sa.func.sum(log.c.length), sa.func.max(log.c.last_number)
            )
            last, length, self._last_number = connection.execute(summary).one()
            self._last_serial: int = last or 0
            self.length: int = length or 0
            """Of the log, in changes."""
            self._changes = LogChanges(removed_by_log(connection, file, self._last_serial))
        self._carried: list[Record] = []
        """Atoms that are to be written with the next part."""
        self._replaced: list[int] = []
        """The parts that they come from, by their first numbers."""
        self._last_kept = 0

    def run(self) -> None:
        """Perform it."""
        if self._last_serial == 0:
            return
        for portion in self._log_portions():
            self._changes.set_values(portion)
        self._changes.seal()
        self._remember_last_number()
        self._fold_parts()
        self._append_new()
        self._cut_log()

    def _remember_last_number(self) -> None:
        with self._file.commit(1) as driver:
            driver.execute("UPDATE ownership SET last_number = ?", (self._last_number,))

    def _fold_parts(self) -> None:
        with self._file.reading() as connection:
            query = sa.select(parts.c.first, parts.c.last, parts.c.length).order_by(parts.c.first)
            present = connection.execute(query).all()
        for place, (first, last, length) in enumerate(present):
            self._last_kept = last
            is_short = length < PART_ATOMS_MIN and place == len(present) - 1
            if self._carried or is_short or self._changes.touches(first, last):
                self._carried += self._changes.applied_to(self._part(first))
                self._replaced.append(first)
            if len(self._carried) >= PART_ATOMS_MIN:
                self._write()

    def _part(self, first: int) -> Portion:
        with self._file.reading() as connection:
            query = sa.select(parts.c.portion).where(parts.c.first == first)
            return decoded(self._file, connection.execute(query).scalar_one())

    def _append_new(self) -> None:
        """The atoms of the log, behind those of the parts."""
        for portion in self._log_portions():
            # An earlier fold that was cut short may have kept the older ones already.
            self._carried += [
                record
                for record in self._changes.applied_to(portion)
                if record.number > self._last_kept
            ]
            if len(self._carried) >= PORTION_CHANGES:
                self._write()
        if self._carried or self._replaced:
            self._write()

    def _write(self) -> None:
        rows = in_portions(partial(_part_rows, self._carried), _sizes)
        with self._file.commit(len(self._carried)) as driver:
            driver.executemany(
                "DELETE FROM parts WHERE first = ?", [(first,) for first in self._replaced]
            )
            driver.executemany(
                "INSERT INTO parts (first, last, length, portion) VALUES (?, ?, ?, ?)", rows
            )
        self._carried, self._replaced = [], []

    def _log_portions(self) -> Iterator[Portion]:
        for rows in self._log_rows(log.c.portion):
            for row in rows:
                yield decoded(self._file, row.portion)

    def _cut_log(self) -> None:
        """Oldest first: what is left of it then still ends as it did."""
        for rows in self._log_rows():
            with self._file.commit(len(rows)) as driver:
                driver.execute("DELETE FROM log WHERE serial <= ?", (rows[-1].serial,))

    def _log_rows(self, *columns: sa.Column[Any]) -> Iterator[Sequence[sa.Row[Any]]]:
        """The log in pieces of bounded length, each read for itself: nothing stays locked."""
        serial = 0
        while serial < self._last_serial:
            with self._file.reading() as connection:
                query = (
                    sa.select(log.c.serial, log.c.length, *columns)
                    .where(log.c.serial.between(serial + 1, self._last_serial))
                    .order_by(log.c.serial)
                    .limit(_CUT_ROWS)
                )
                rows = []
                changes = 0
                for row in connection.execution_options(yield_per=20).execute(query):
                    rows.append(row)
                    changes += row.length
                    if changes >= _CUT_CHANGES:
                        break
            if not rows:
                return
            serial = rows[-1].serial
            yield rows


def _part_rows(records: list[Record], length_max: int) -> list[_PartRow]:
    return [
        (piece[0].number, piece[-1].number, len(piece), encode(part_of(piece)))
        for piece in cut_evenly(records, length_max)
    ]


def _sizes(rows: list[_PartRow]) -> list[int]:
    return [len(portion) for *_rest, portion in rows]
