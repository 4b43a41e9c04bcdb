"""The command line: words in, one call, words out, an exit code.

Importing this package and asking for help load nothing of the mesh: what takes time to load
(the network, the database, the checking of settings) is imported by the command that needs it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run ``cogmesh`` and leave with its exit code.

    Args:
        arguments: The words after ``cogmesh``; those of this process if left out.
    """
    from .app import app

    for stream in (sys.stdout, sys.stderr):
        # A terminal or a pipe that cannot show a character gets a '?' instead of a crash.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app(arguments)
