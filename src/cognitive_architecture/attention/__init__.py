"""The attention economy: exact books, and the laws of ECAN.

Nothing here knows a clock, a thread, a file or a network. Chance comes in as a generator, and the
journal goes out as bytes. ``AttentionBank`` applies the laws to the books; each law is a function
of its own in ``wages``, ``rents``, ``diffusion``, ``matrix``, ``hebbian``, ``forgetting``,
``focus`` and ``tokens``. See docs/attention.md.
"""

from .accounts import BANK, AccountKind
from .bank import AttentionBank
from .errors import (
    AccountInUse,
    AccountTaken,
    AttentionError,
    EntryConflict,
    InvalidAmount,
    JournalDamaged,
    Overdrawn,
    UnknownAccount,
)
from .focus import Focus
from .journal import Currency, Entry, Posting
from .ledger import Ledger
from .links import HebbianLinks
from .parameters import Parameters, Profile
from .units import MICRO, micro, sti

__all__ = [
    "BANK",
    "MICRO",
    "AccountInUse",
    "AccountKind",
    "AccountTaken",
    "AttentionBank",
    "AttentionError",
    "Currency",
    "Entry",
    "EntryConflict",
    "Focus",
    "HebbianLinks",
    "InvalidAmount",
    "JournalDamaged",
    "Ledger",
    "Overdrawn",
    "Parameters",
    "Posting",
    "Profile",
    "UnknownAccount",
    "micro",
    "sti",
]
