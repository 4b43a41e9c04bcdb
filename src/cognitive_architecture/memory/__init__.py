"""The memory of one node: what it knows of atoms, and how much they matter to it.

    identity ──▶ owners                which two nodes keep an atom
        │
        └─▶ records ──▶ bundles        how replicas become one, and how they travel
              │
              └─▶ replica ──▶ atom_memory ◀── attention
                  in one space             with a store and an economy

``atom_memory`` loads the economy, and that the arithmetic of arrays; so it is imported by name, and
only where somebody keeps atoms. Nothing here knows the mesh; ``hypergraph`` makes one memory of
many nodes.
"""

from cognitive_architecture.memory.identity import SHARDS, digest_of, shard_of
from cognitive_architecture.memory.owners import owners
from cognitive_architecture.memory.records import Record
from cognitive_architecture.memory.replica import Replica

__all__ = ["SHARDS", "Record", "Replica", "digest_of", "owners", "shard_of"]
