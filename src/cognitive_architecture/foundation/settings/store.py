"""Where tasks are kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .kinds import Seconds, Section


class StoreSettings(Section):
    """Where tasks are kept, and for how long."""

    directory: Annotated[
        str | None,
        Field(
            min_length=1,
            examples=[".cogmesh"],
            json_schema_extra={"allowed": "the path of a folder"},
        ),
    ] = None
    """Folder of the durable store, made where it is missing. Without one, tasks are kept in
    memory and lost with the process; ``cogmesh up`` then takes ``./.cogmesh``."""

    ended_kept_s: Seconds = 7 * 24 * 3600.0
    """How long results of ended tasks are kept. A repeated submission of a task is recognised
    only as long as it is kept."""

    ended_kept_max: Annotated[int, Field(ge=0, le=1_000_000_000)] = 10_000_000
    """How many ended tasks are kept, whatever their age."""

    decisions_mib_max: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """MiB that the journal of decisions of one start may take, for ``cogmesh replay``; 0 keeps
    none. It needs a folder. A task takes about half a kilobyte in it, and a tenth more of the
    orchestrator's time."""
