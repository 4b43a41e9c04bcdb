"""What a node is to offer, from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .outcomes import WrongUsage

if TYPE_CHECKING:
    from cognitive_architecture.distributed_mesh.handlers import Handler


def offered_handlers(
    names: list[str] | None, sources: list[str] | None
) -> tuple[list[Handler], list[dict[str, Any]]]:
    """What the node is to offer, and what the sources say of it.

    Raises:
        WrongUsage: There is no such built-in capability.
        HandlersFileError: A source cannot be loaded, or two serve the same capability.
    """
    from cognitive_architecture.distributed_mesh.node.loading import by_capability, load_source

    built_in = built_in_handlers()
    if unknown := sorted(set(names or ()) - set(built_in)):
        raise WrongUsage(
            f"--capability: there is no built-in {', '.join(unknown)}; there are "
            f"{', '.join(sorted(built_in))}. Handlers of your own come with --handlers FILE"
        )
    chosen = names if names or sources else list(built_in)
    found = [built_in[name] for name in chosen or ()]
    described = []
    for source in sources or ():
        more, said = load_source(source)
        found += more
        described.append(said)
    return list(by_capability(found).values()), described


def built_in_handlers() -> dict[str, Handler]:
    """By capability."""
    from cognitive_architecture.capabilities import BUILT_IN_HANDLERS

    return {handler.capability: handler for handler in BUILT_IN_HANDLERS}
