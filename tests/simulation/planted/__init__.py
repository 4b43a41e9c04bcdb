"""Bugs that are planted to see whether the simulation finds them.

Each changes a line or two of shipped code while it runs; ``hunt.py`` plays seeds until one of them
shows it, and ``docs/simulation.md`` has the table of what was found after how many.
"""

from __future__ import annotations

from .machines import MACHINES
from .members import MEMBERS
from .planting import Bug, is_planted
from .shells import SHELLS

BUGS: dict[str, Bug] = {bug.name: bug for bug in (*MACHINES, *SHELLS, *MEMBERS)}

__all__ = ["BUGS", "Bug", "is_planted"]
