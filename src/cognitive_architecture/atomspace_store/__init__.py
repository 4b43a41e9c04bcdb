"""Keeping a space: every change in a log, now and then folded into a snapshot.

    kept_space ──▶ ports ◀── memory, sql
                   sql ──▶ numbers, loading, compaction ──▶ folding, portions

What is loaded is the snapshot, then the log. Folding puts the log into the snapshot and cuts it.

    >>> store = SqlAtomStore(folder, clock)
    >>> store.open()
    1
    >>> kept = KeptSpace(AtomSpace(), store)
    >>> kept.space.node("Concept", "cat")
    Node('Concept', 'cat')
    >>> kept.commit_now()  # or: await kept.commit()

The database is loaded when somebody first asks for ``SqlAtomStore``: it takes a third of a second,
and most programs keep no atoms.
"""

from typing import TYPE_CHECKING

from cognitive_architecture.atomspace_store.kept_space import KeptSpace
from cognitive_architecture.atomspace_store.memory import AtomDisk, MemoryAtomStore
from cognitive_architecture.atomspace_store.ports import AtomStore

if TYPE_CHECKING:
    from cognitive_architecture.atomspace_store.sql import SqlAtomStore

__all__ = ["AtomDisk", "AtomStore", "KeptSpace", "MemoryAtomStore", "SqlAtomStore"]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Load the durable store on first use."""
        if name == "SqlAtomStore":
            from cognitive_architecture.atomspace_store.sql import SqlAtomStore

            return SqlAtomStore
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
