"""Brings the tables of a store to the version this program knows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from cognitive_architecture.foundation.errors import StoreError, StoreTooNew

from .sqlite_engine import damaged


@dataclass(frozen=True, slots=True)
class Schema:
    """Which tables a store has."""

    scripts: Path
    """The folder of its migrations."""
    newest: str
    """The revision of the youngest of them. Revisions end in digits; what is before them is the
    same in all of a store's revisions, and tells it from other stores."""

    @property
    def family(self) -> str:
        """What all its revisions begin with."""
        return _family(self.newest)


def bring_up_to_date(connection: sa.Connection, schema: Schema, file: Path, what: str) -> None:
    """Apply the migrations that are missing.

    Args:
        connection: In a transaction that writes.
        schema: What the tables should be.
        file: The store's.
        what: It should be: ``task store``.

    Raises:
        StoreTooNew: A newer version of this program has changed the tables.
        StoreError: The file holds something else.
    """
    present = _present_revision(connection)
    if present == schema.newest:
        return
    if present is None and sa.inspect(connection).get_table_names():
        raise damaged(file, what, "it holds the tables of another program")
    if present is not None and _family(present) != schema.family:
        raise damaged(file, what, "it is a store of another kind")
    # Alembic takes a tenth of a second to load; most starts do without it.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(schema.scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if present is not None and present not in known:
        raise _too_new(present, schema)
    command.upgrade(config, "head")


def refuse_unless(connection: sa.Connection, schema: Schema, file: Path, what: str) -> None:
    """Raise if a store cannot be read as it is; for readers who own nothing and change nothing.

    Raises:
        StoreTooNew: A newer version of this program has changed the tables.
        StoreError: The file holds something else, or tables of an older version.
    """
    present = _present_revision(connection)
    if present == schema.newest:
        return
    if present is None or _family(present) != schema.family:
        raise damaged(file, what, "it is a store of another kind")
    if present > schema.newest:
        raise _too_new(present, schema)
    raise StoreError(
        f"{file} has tables of version {present} and this program reads {schema.newest}: "
        "start the orchestrator once, it brings them up to date"
    )


def _too_new(present: str, schema: Schema) -> StoreTooNew:
    return StoreTooNew(
        f"the store has tables of version {present}, this program knows up to "
        f"{schema.newest}: it was written by a newer cogmesh; install that one, "
        "or choose another --data folder"
    )


def _family(revision: str) -> str:
    return revision.rstrip("0123456789")


def _present_revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)
