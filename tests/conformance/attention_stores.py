"""The same economy on every kind of disk, one owner after the other or one against the other."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Protocol

from cognitive_architecture.attention import AccountKind, AttentionBank, Currency, Parameters
from cognitive_architecture.attention_store import (
    AttentionDisk,
    AttentionStore,
    Kept,
    MemoryAttentionStore,
    restored_bank,
)
from cognitive_architecture.attention_store.sql import FILE, SqlAttentionStore
from cognitive_architecture.foundation.world import RealClock

PARAMETERS = Parameters(focus_size=5, links_max=10)
Content = tuple[dict[tuple[AccountKind, str], tuple[int, ...]], list[tuple[float, ...]]]


class AttentionPlace(Protocol):
    """Where the economies of successive owners are."""

    def store(self) -> AttentionStore:
        """A store for the next owner, not yet open; it comes when the one before has closed."""
        ...

    def rival(self) -> AttentionStore:
        """A store for an owner who takes over although the one before lives."""
        ...


class MemoryAttentionPlace:
    def __init__(self) -> None:
        self._disk = AttentionDisk()

    def store(self) -> AttentionStore:
        return MemoryAttentionStore(self._disk)

    rival = store


class SqliteAttentionPlace:
    def __init__(self, folder: Path, *, copy_of: Path | None = None) -> None:
        self.folder = folder
        if copy_of is not None:
            shutil.copytree(copy_of, folder)
        self._stores: list[SqlAttentionStore] = []

    @property
    def file(self) -> Path:
        return self.folder / FILE

    def store(self) -> SqlAttentionStore:
        store = SqlAttentionStore(self.folder, RealClock())
        self._stores.append(store)
        return store

    def rival(self) -> SqlAttentionStore:
        # Somebody removed the lock file, or the file system does not share locks.
        (self.folder / "attention.lock").unlink()
        return self.store()

    def close(self) -> None:
        for store in self._stores:
            store.close()


def make_empty_attention_store(folder: Path) -> Path:
    """Tables; opened once."""
    store = SqlAttentionStore(folder, RealClock())
    store.open()
    store.close()
    return folder


def content(bank: AttentionBank) -> Content:
    """Every balance by account, and every link."""
    accounts = bank.ledger.accounts
    balances = {
        (kind, accounts.name(handle)): tuple(
            int(bank.ledger.balances(currency)[handle]) for currency in Currency
        )
        for kind in AccountKind
        for handle in accounts.open_handles(kind).tolist()
    }
    links = bank.links.all()
    return balances, sorted(
        zip(
            links.sources.tolist(),
            links.targets.tolist(),
            links.strengths.tolist(),
            links.confidences.tolist(),
            strict=True,
        )
    )


def content_of(kept: Kept) -> Content:
    """What an owner finds."""
    return content(restored_bank(kept, PARAMETERS))
