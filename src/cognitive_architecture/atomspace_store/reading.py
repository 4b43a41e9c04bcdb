"""Rows of the atom store as portions, and the error where they are none."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import sqlalchemy as sa

from cognitive_architecture.storage.owned_file import OwnedFile

from .portions import Portion, decode, decode_numbers
from .tables import log, parts


def decoded(file: OwnedFile, portion: bytes) -> Portion:
    """The portion that bytes say.

    Raises:
        StoreError: They say none.
    """
    try:
        return decode(portion)
    except (msgspec.MsgspecError, RecursionError, TypeError) as error:
        raise file.damaged(str(error)) from error


def removed_by_log(
    connection: sa.Connection, file: OwnedFile, last_serial: int | None = None
) -> set[int]:
    """Numbers of the atoms that the log removes, up to a row of it or to its end.

    Raises:
        StoreError: The file is damaged.
    """
    query = sa.select(log.c.removed).where(log.c.removed.is_not(None))
    if last_serial is not None:
        query = query.where(log.c.serial <= last_serial)
    removed: set[int] = set()
    try:
        for (numbers,) in connection.execute(query):
            removed.update(decode_numbers(numbers))
    except (msgspec.MsgspecError, TypeError) as error:
        raise file.damaged(str(error)) from error
    return removed


def portions(connection: sa.Connection, file: OwnedFile) -> Iterator[Portion]:
    """Everything, in the order in which it is loaded.

    Raises:
        StoreError: The file is damaged.
    """
    for query in (
        sa.select(parts.c.portion).order_by(parts.c.first),
        sa.select(log.c.portion).order_by(log.c.serial),
    ):
        for (portion,) in connection.execution_options(yield_per=20).execute(query):
            yield decoded(file, portion)
