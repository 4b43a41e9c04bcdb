"""What the attention economy refuses.

AttentionError
├── UnknownAccount    no such account, or it was closed: its atom is forgotten, its task over
├── AccountTaken      an open account has this kind and name already
├── AccountInUse      an account with a balance cannot be closed
├── InvalidAmount     not a number, negative where it may not be, or beyond 64 bits
├── Overdrawn         a balance would fall below what its account has declared
├── EntryConflict     an entry's id was used before, for something else
└── JournalDamaged    a record of the journal is not the one that was written
"""

from __future__ import annotations

from cognitive_architecture.foundation.errors import MeshError


class AttentionError(MeshError):
    """Catch it to catch everything the attention economy refuses."""

    code = "attention_error"


class UnknownAccount(AttentionError):
    """No account is open under this handle or name."""

    code = "unknown_account"


class AccountTaken(AttentionError):
    """An open account has this kind and name already."""

    code = "account_taken"


class AccountInUse(AttentionError):
    """The account still holds funds, or VLTI protects it."""

    code = "account_in_use"


class InvalidAmount(AttentionError):
    """An amount that no account could hold."""

    code = "invalid_amount"


class Overdrawn(AttentionError):
    """The entry would take a balance below what its account has declared."""

    code = "overdrawn"


class EntryConflict(AttentionError):
    """An entry's id was used before, for something else."""

    code = "entry_conflict"


class JournalDamaged(AttentionError):
    """A record of the journal is not the one that was written."""

    code = "journal_damaged"
