"""Brings the tables of a store to the version this program knows."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import sqlalchemy as sa

from cognitive_architecture.foundation.errors import StoreTooNew

NEWEST: Final = "0002"
"""The revision of the youngest file in ``migrations/versions``; a test holds them together."""

_SCRIPTS: Final = Path(__file__).parent / "migrations"


def bring_up_to_date(connection: sa.Connection) -> None:
    """Apply the migrations that are missing.

    Raises:
        StoreTooNew: A newer version of this program has changed the tables.
    """
    present = _present_revision(connection)
    if present == NEWEST:
        return
    # Alembic takes a tenth of a second to load; most starts do without it.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if present is not None and present not in known:
        raise StoreTooNew(
            f"the store has tables of version {present}, this program knows up to {NEWEST}: "
            "it was written by a newer cogmesh; install that one, or choose another --data folder"
        )
    command.upgrade(config, "head")


def _present_revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)
