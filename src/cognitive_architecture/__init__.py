"""Cogmesh: one self-healing mesh of agents out of the machines on a network.

Importing this package loads nothing heavy; take what you need from
``cognitive_architecture.distributed_mesh``.
"""

__version__ = "0.1.0"
