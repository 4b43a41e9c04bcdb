"""The shell of the economy: hears, lets the books take a turn, keeps them, steers. Decides nothing.

Only one commit is on its way at a time, and what it holds is what the books did since the one
before, in their order: so the journal on the disk has no gaps, whatever fails. While the disk
refuses, the mesh goes on, and its earnings wait for the next turn.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import numpy as np
import structlog

from cognitive_architecture.attention import AccountKind, AttentionError, InvalidAmount
from cognitive_architecture.attention_store import AttentionStore, Keepsakes, Kept, restored_bank
from cognitive_architecture.attention_store.beliefs import packed
from cognitive_architecture.distributed_mesh.machines.earnings import Earnings
from cognitive_architecture.foundation.errors import MeshError, StoreError
from cognitive_architecture.foundation.settings import AttentionSettings
from cognitive_architecture.foundation.world import World

from .books import KINDS, MeshBooks, parameters_of
from .concepts import raised_levels
from .ports import Guidance, SteeredMesh
from .turns import all_affinities, take_turn
from .views import shown_economy

_log = structlog.get_logger(__name__)

_PAUSE_MIN: Final = 50.0
"""A turn is followed by a pause of so many times what it took: in a large mesh, whose turns take
long, the economy asks for a fiftieth of the time at most."""

ORDER_KINDS: Final = {
    "requester": AccountKind.REQUESTER,
    "capability": AccountKind.CAPABILITY,
    "node": AccountKind.NODE,
    "concept": AccountKind.ATOM,
}
"""What an operator can raise and lower."""


class MeshEconomy:
    """Runs along with an orchestrator, and lets attention steer its mesh.

    Args:
        world: For the clock, and for the chance with which links make room.
        settings: Prices and bounds.
        store: Keeps the books.
    """

    def __init__(self, world: World, settings: AttentionSettings, store: AttentionStore) -> None:
        self._world = world
        self._settings = settings
        self._store = store
        self._mesh: SteeredMesh | None = None
        self._books: MeshBooks | None = None
        self._turning: asyncio.Task[None] | None = None
        self._took_s = 0.0
        """How long the last turn kept everything else waiting."""

    def connect(self, mesh: SteeredMesh) -> None:
        """Say which mesh it is that it steers."""
        self._mesh = mesh

    @property
    def is_running(self) -> bool:
        """Whether it steers."""
        return self._turning is not None

    # -- starting and stopping -----------------------------------------------------------------

    async def start(self) -> None:
        """Take over the books and begin to take turns. Idempotent.

        Raises:
            StoreError: The books cannot be taken over, or are not what was written.
        """
        if self._turning is not None or self._mesh is None:
            return
        rng = self._world.rng("attention")
        self._rng = np.random.default_rng(rng.getrandbits(63))
        self._records: list[bytes] = []
        self._refused: list[Keepsakes] = []
        self._committing = asyncio.Lock()
        if self._store.reads_block:
            kept = await asyncio.to_thread(self._store.open)
        else:
            kept = self._store.open()
        try:
            await self._go_on_with(kept)
        except MeshError as error:
            self._store.close()
            if isinstance(error, AttentionError):
                raise StoreError(
                    f"the attention store is damaged ({error}): move attention.sqlite3 away to "
                    "start afresh, or restore a copy"
                ) from error
            raise
        self._mesh.exchange_earnings(Earnings())
        self._mesh.steer(Guidance(self._the_books.weights(), all_affinities(self._the_books)))
        self._turning = asyncio.create_task(self._take_turns())

    async def _go_on_with(self, kept: Kept) -> None:
        bank = await asyncio.to_thread(
            restored_bank,
            kept,
            parameters_of(self._settings),
            journal=self._records.append,
            kinds=KINDS,
        )
        self._books = MeshBooks(bank, self._settings)
        self._changes = bank.links.follow()
        self._changes.take()  # what is kept is known
        self._linked = frozenset(kept.beliefs)
        self._journal_bytes = sum(map(len, kept.records))
        self._entries_folded = self._books.number - len(kept.records)
        await self._keep()

    async def stop(self) -> None:
        """Take the last turn, and let go of the books. Idempotent."""
        if self._turning is None or self._mesh is None:
            return
        self._turning.cancel()
        await asyncio.gather(self._turning, return_exceptions=True)
        self._turning = None
        await self._take_turn(last=True)
        try:
            await self._keep()  # also waits for a commit that is on its way
        except StoreError as error:
            _log.error("attention_not_kept", why=str(error))
        self._store.close()
        self._books = None

    # -- turns ---------------------------------------------------------------------------------

    async def _take_turns(self) -> None:
        clock = self._world.clock
        while True:
            pause_s = max(self._settings.turn_s, _PAUSE_MIN * self._took_s)
            await clock.sleep_until(clock.now() + pause_s)
            await asyncio.shield(self._take_turn())

    async def _take_turn(self, *, last: bool = False) -> None:
        if self._mesh is None or not await self._could_keep_what_was_refused():
            return
        earnings = self._mesh.exchange_earnings(None if last else Earnings())
        if not earnings:
            return
        began = self._world.clock.now()
        try:
            guidance = take_turn(
                self._the_books,
                earnings,
                present=self._mesh.present_nodes(),
                now=self._world.clock.now(),
                rng=self._rng,
            )
        except AttentionError as error:
            # A law refused before anything of it counted; what was achieved goes unpaid.
            _log.error("turn_refused", why=str(error), code=error.code)
        else:
            self._mesh.steer(guidance)
            for node in guidance.forgotten:
                _log.info("node_forgotten", node=node)
        self._took_s = self._world.clock.now() - began
        try:
            await self._keep()
        except StoreError as error:
            _log.error("attention_not_kept", why=str(error))

    async def _could_keep_what_was_refused(self) -> bool:
        if self._refused:
            try:
                await self._keep()
            except StoreError:
                return False  # said when it was refused first
        return True

    async def _keep(self) -> None:
        """Make durable what the books have done.

        Raises:
            StoreError: It is not; it will be tried again before anything new is.
        """
        async with self._committing:
            if self._records:
                self._refused.append(self._keepsakes())
            while self._refused:
                await self._store.commit(self._refused[0])
                del self._refused[0]

    def _keepsakes(self) -> Keepsakes:
        """What has changed since the last time."""
        bank = self._the_books.bank
        records, self._records[:] = tuple(self._records), []
        slots = self._changes.take()
        linked = np.unique(bank.links.sources).astype(np.int64)
        changed = linked if slots is None else np.unique(bank.links.sources[slots]).astype(np.int64)
        # Of a source that has lost its last link no slot tells any more.
        unlinked = np.array(sorted(self._linked.difference(linked.tolist())), dtype=np.int64)
        self._linked = frozenset(linked.tolist())
        self._journal_bytes += sum(map(len, records))
        checkpoint = None
        if self._journal_bytes > self._settings.journal_bytes_max // 2:
            ids_kept = self._the_books.number - self._entries_folded
            checkpoint = bank.ledger.checkpoint(ids_kept=ids_kept)
            self._journal_bytes = 0
            self._entries_folded = self._the_books.number
        return Keepsakes(
            self._world.clock.wall(),
            records,
            packed(bank.links, np.union1d(changed, unlinked)),
            replaces_beliefs=slots is None,
            checkpoint=checkpoint,
        )

    # -- orders and questions ------------------------------------------------------------------

    async def stimulate(
        self, kind: str, name: str, by: float, *, order: str | None = None
    ) -> dict[str, Any]:
        """Give STI of the bank to somebody, or take some back; it is durable on return.

        A requester's share grows or shrinks with it. A concept raises the waiting tasks that
        declare it or a Hebbian neighbour of it.

        Args:
            kind: ``requester``, ``capability``, ``node`` or ``concept``.
            name: Whose account; of requesters and concepts it is opened if there is none.
            by: STI; negative lowers.
            order: An id; the same order told twice counts once.

        Returns:
            kind, name, sti (now), share (of a requester), raised {concept: levels}.

        Raises:
            InvalidAmount: The kind is none of these, or ``by`` is no such number.
            UnknownAccount: No such node or capability has earned anything yet.
            Overdrawn: The bank, or the account, has less.
            StoreError: It counts, but is not durable yet; it will be as soon as that is possible.
        """
        books = self._the_books
        account_kind = _order_kind(kind)
        await self._keep()  # an order is not taken while what was before it is not durable
        entry_id = order or self._world.ids.next_id("order")
        is_new = books.move(entry_id, account_kind, name, by)
        handle = books.require(account_kind, name)
        weights = books.weights() if account_kind is AccountKind.REQUESTER else None
        levels = (
            raised_levels(books.bank, handle, by / self._settings.level_sti)
            if account_kind is AccountKind.ATOM
            else {}
        )
        if is_new and self._mesh is not None:
            self._mesh.steer(Guidance(weights, levels=levels))
        await self._keep()
        said: dict[str, Any] = {"kind": kind, "name": name, "sti": books.balance_sti(handle)}
        if weights is not None:
            said["share"] = weights[name] / sum(weights.values())
        if levels:
            said["raised"] = levels
        return said

    def show(self, *, top: int = 10) -> dict[str, Any]:
        """Funds, focus, the richest accounts by kind, and who goes well together."""
        return shown_economy(self._the_books, top=top) | {"turn_s": self._settings.turn_s}

    def summary(self) -> dict[str, Any]:
        """What a status shows; little if it does not run."""
        if self._turning is None:
            return {"is_on": False}
        return {"is_on": True} | shown_economy(self._the_books, top=3)

    async def past(self) -> Kept:
        """What is kept of the past, for pictures."""
        return await asyncio.to_thread(self._store.past)

    @property
    def books(self) -> MeshBooks:
        """The books, for reading."""
        return self._the_books

    @property
    def _the_books(self) -> MeshBooks:
        if self._books is None:
            raise MeshError("the economy of attention is not running: start the orchestrator first")
        return self._books


def _order_kind(word: str) -> AccountKind:
    kind = ORDER_KINDS.get(word)
    if kind is None:
        raise InvalidAmount(f"kind: one of {', '.join(ORDER_KINDS)}, not {word!r}")
    return kind
