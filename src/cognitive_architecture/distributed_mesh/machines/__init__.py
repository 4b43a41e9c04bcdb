"""Machines: an event and a ``now`` in, effects out. No clock, no thread, no network, no disk."""
