"""A node: takes assignments, runs handlers in slots, reports what came of it."""

from .runtime import NodeRuntime

__all__ = ["NodeRuntime"]
