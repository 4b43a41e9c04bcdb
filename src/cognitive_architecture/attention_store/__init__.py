"""Keeping an economy of attention: its journal, now and then a checkpoint, and its Hebbian links.

    restoring ──▶ ports ◀── memory, sql
                  beliefs

What an owner goes on with is the newest checkpoint and the records after it. The checkpoint before
and the records since then are kept as well, for pictures; everything older is removed with each
checkpoint, so what is kept has a bound.
"""

from .memory import AttentionDisk, MemoryAttentionStore
from .ports import AttentionStore, Keepsakes, Kept
from .restoring import past_of, restored_bank

__all__ = [
    "AttentionDisk",
    "AttentionStore",
    "Keepsakes",
    "Kept",
    "MemoryAttentionStore",
    "past_of",
    "restored_bank",
]
