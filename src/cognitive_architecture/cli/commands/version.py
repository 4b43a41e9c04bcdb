"""``cogmesh version``."""

from __future__ import annotations

import platform

from rich.text import Text

from cognitive_architecture import __version__
from cognitive_architecture.cli.options import JsonOption
from cognitive_architecture.cli.outcomes import ExitCode
from cognitive_architecture.cli.rendering import listed, print_json, results


def version(as_json: JsonOption = False) -> ExitCode:
    """The versions of everything that has to fit together.

    With --json: cogmesh, protocol, store, python, platform.
    """
    # The number of the protocol stands beside its messages, that of the tables beside them.
    from cognitive_architecture.distributed_mesh.adapters.sql_schema import NEWEST
    from cognitive_architecture.distributed_mesh.messages import PROTOCOL_VERSION

    versions = {
        "cogmesh": __version__,
        "protocol": PROTOCOL_VERSION,
        "store": NEWEST,
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
    }
    if as_json:
        print_json(versions)
    else:
        results().print(
            listed(
                Text(f"cogmesh {__version__}", style="bold"),
                f"protocol {PROTOCOL_VERSION}",
                f"store {NEWEST}",
                f"Python {versions['python']}",
                str(versions["platform"]),
            )
        )
    return ExitCode.OK
