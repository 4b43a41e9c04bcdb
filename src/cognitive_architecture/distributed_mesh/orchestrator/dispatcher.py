"""Feeds the dispatch machine and performs what it orders. It decides nothing.

Writes of one turn of the loop, and of all turns while a commit is on its way, become one commit:
the busier the mesh, the more tasks share the wait for the disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final, Protocol, TypeVar

import structlog

from cognitive_architecture.distributed_mesh.alarm_clock import AlarmClock
from cognitive_architecture.distributed_mesh.machines.board import Board
from cognitive_architecture.distributed_mesh.machines.dispatch import DispatchMachine
from cognitive_architecture.distributed_mesh.machines.effects import (
    Effect,
    Incident,
    LookUp,
    Tell,
    Write,
)
from cognitive_architecture.distributed_mesh.machines.events import (
    Event,
    TasksFound,
    WatchEnded,
    WatchRequested,
    WriteFailed,
    Written,
)
from cognitive_architecture.distributed_mesh.messages import Ended, Message, NotFound
from cognitive_architecture.distributed_mesh.model import Ending
from cognitive_architecture.distributed_mesh.policies.matching import CapabilityMatcher
from cognitive_architecture.distributed_mesh.ports import TaskStore
from cognitive_architecture.distributed_mesh.records import WriteBatch
from cognitive_architecture.distributed_mesh.replay.recorded import Recording, retry_chance
from cognitive_architecture.foundation.errors import Deposed, StoreError
from cognitive_architecture.foundation.settings import Settings
from cognitive_architecture.foundation.telemetry import Metrics
from cognitive_architecture.foundation.world import World

_log = structlog.get_logger(__name__)

_HOUSEKEEPING_S: Final = 30.0

T = TypeVar("T")


class TellSomebody(Protocol):
    """However messages leave."""

    def __call__(self, address: str, message: Message, *, can_wait: bool = False) -> None:
        """Send; if it ``can_wait``, with the next one to the same address."""
        ...


class Dispatcher:
    """The shell around the dispatch machine: the clock, the store, and whoever is told."""

    def __init__(
        self,
        world: World,
        settings: Settings,
        store: TaskStore,
        matcher: CapabilityMatcher,
        metrics: Metrics,
        *,
        tell: TellSomebody,
        on_incident: Callable[[Incident], None],
        on_fatal: Callable[[StoreError], None],
        recording: Recording | None = None,
    ) -> None:
        self._clock = world.clock
        self._settings = settings
        self._store = store
        self._metrics = metrics
        self._tell = tell
        self._on_incident = on_incident
        self._on_fatal = on_fatal
        owned = store.open()
        self.epoch = owned.epoch
        machine = DispatchMachine.of(settings, owned, matcher, retry_chance(world))
        self._recorded = (
            None if recording is None else recording.of(machine, settings, owned, world)
        )
        self._machine = self._recorded or machine
        self._anchor_wall()
        self.found = 0
        """Open tasks that an earlier owner left behind."""
        for portion in store.open_tasks():
            self.found += len(portion)
            self.feed(TasksFound(portion))
        self._batch = WriteBatch()
        self._tickets: list[int] = []
        self._commit: asyncio.Future[dict[int, str]] | None = None
        self._alarm = AlarmClock(world.clock, self._on_alarm)
        self._background: set[asyncio.Task[Any]] = set()
        self._looking: dict[tuple[str, str], LookUp] = {}
        """By address and task: the latest question to the store that is not answered."""
        self._check: asyncio.Task[bool] | None = None
        self._next_check: asyncio.Task[bool] | None = None
        """Whether the store is still its own: being asked, and to be asked when that is known."""
        self._is_running = False

    @property
    def board(self) -> Board:
        """The state, for reading."""
        return self._machine.board

    # -- starting and stopping -----------------------------------------------------------------

    def start(self) -> None:
        """Begin to hand out tasks and to watch the clock."""
        self._is_running = True
        self._begin(self._keep_house())
        self.settle()

    async def stop(self) -> None:
        """Finish the commit that is on its way and close the store."""
        self._is_running = False
        self._alarm.stop()
        await self._end_background()
        while self._commit is not None or self._tickets:
            if self._commit is not None:
                await asyncio.wait([self._commit])
            await asyncio.sleep(0)  # let the answer to it be taken note of
            self._commit_what_waits()
        await self._end_background()  # what the last commit answered may have begun a look-up
        self.release()

    async def _end_background(self) -> None:
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)

    def release(self) -> None:
        """Let go of the store."""
        self._store.close()
        if self._recorded is not None:
            self._recorded.close()

    # -- facts in, orders out ------------------------------------------------------------------

    def feed(self, event: Event) -> None:
        """Tell the machine a fact, and do what it orders. Call ``settle`` after a batch."""
        self._perform(self._machine.handle(event, self._clock.now()))

    def settle(self) -> None:
        """Hand out what can be handed out, commit what waits, set the alarm."""
        if not self._is_running:
            return
        self._perform(self._machine.assign(self._clock.now()))
        while self._commit_what_waits():  # what is durable now may be handed out
            self._perform(self._machine.assign(self._clock.now()))
        self._alarm.ring_by(self._machine.deadline)

    def settle_now(self) -> None:
        """Commit what waits before returning, for a caller that must not return earlier."""
        tickets, batch = self._take_waiting()
        try:
            repeats = self._store.commit_now(batch)
        except StoreError as error:
            self._not_committed(tickets, error)
        else:
            self.feed(Written(tickets, repeats))
        self.settle()

    def _perform(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            match effect:
                case Tell(address, message, can_wait):
                    self._tell(address, message, can_wait=can_wait)
                case Write(ticket, batch):
                    self._tickets.append(ticket)
                    self._batch.extend(batch)
                case Incident():
                    self._on_incident(effect)
                case LookUp():
                    self._looking |= {(effect.address, one): effect for one in effect.task_ids}
                    self._begin(self._look_up(effect))

    # -- the store -----------------------------------------------------------------------------

    def _take_waiting(self) -> tuple[list[int], WriteBatch]:
        tickets, self._tickets = self._tickets, []
        batch, self._batch = self._batch, WriteBatch()
        return tickets, batch

    def _commit_what_waits(self) -> bool:
        """Begin a commit, unless one is on its way; whether it is answered already."""
        if not self._tickets or self._commit is not None:
            return False
        tickets, batch = self._take_waiting()
        began = self._clock.now()
        commit = self._store.commit(batch)
        if commit.done():
            self._committed(commit, tickets, began)
            return True
        self._commit = commit
        commit.add_done_callback(lambda done: self._commit_returned(done, tickets, began))
        return False

    def _commit_returned(
        self, commit: asyncio.Future[dict[int, str]], tickets: list[int], began: float
    ) -> None:
        self._commit = None
        self._committed(commit, tickets, began)
        self.settle()

    def _committed(
        self, commit: asyncio.Future[dict[int, str]], tickets: list[int], began: float
    ) -> None:
        error = commit.exception()
        if error is None:
            self._metrics.observe("commit_seconds", self._clock.now() - began)
            self.feed(Written(tickets, commit.result()))
        elif isinstance(error, StoreError):
            self._not_committed(tickets, error)
        else:
            _log.error("commit_failed_unexpectedly", exc_info=error)
            self._not_committed(tickets, StoreError(f"{type(error).__name__}: {error}"))

    def _not_committed(self, tickets: list[int], error: StoreError) -> None:
        _log.error("commit_refused", why=str(error), writes=len(tickets))
        self._metrics.count("commits_refused")
        self.feed(WriteFailed(tickets, error))
        if isinstance(error, Deposed):
            self._on_fatal(error)

    async def read(self, question: Callable[[], T]) -> T:
        """Ask the store something, on a thread if it may have to wait for a disk."""
        if self._store.reads_block:
            return await asyncio.to_thread(question)
        return question()

    async def _look_up(self, wanted: LookUp) -> None:
        """Answer what the store knows of tasks that are not open.

        Who asks once more meanwhile is answered by the later question alone: it may be that the
        task has come and ended after the first, which would say that nobody knows it.
        """
        endings = await self._endings(wanted)
        if endings is None:
            self.feed(WatchEnded(wanted.address, self._not_asked_again(wanted)))
            return
        if endings:
            self._tell(wanted.address, Ended(endings))
        missing = set(wanted.task_ids) - {ending.task_id for ending in endings}
        if missing and not await self._makes_sure_that_it_owns_the_store():
            return  # the heir may know them, and is asked when this one is gone
        mine = self._not_asked_again(wanted)
        missing.intersection_update(mine)
        # What was submitted while the store was asked is open now, or has even ended, of which
        # whoever watches it has been told.
        if came := sorted(missing & self.board.entries.keys()):
            self.feed(WatchRequested(wanted.address, wanted.request, came, wanted.stream))
            missing.difference_update(came)
        watching = self.board.watchers.watching
        unknown = [one for one in sorted(missing) if wanted.address in watching(one)]
        if unknown:
            self._tell(wanted.address, NotFound(wanted.request, unknown))
        self.feed(WatchEnded(wanted.address, [one for one in mine if one not in came]))

    async def _endings(self, wanted: LookUp) -> list[Ending] | None:
        """Ask the store until it can be read; ``None`` if nobody waits for the answer any more.

        A refusal would help nobody: a client asks once, and waits for how its task ended.
        """
        while True:
            try:
                return await self.read(lambda: self._store.endings(wanted.task_ids))
            except StoreError as error:
                _log.warning("store_not_read", why=str(error))
            pause_s = self._settings.dispatch.store_retry_s
            await self._clock.sleep_until(self._clock.now() + pause_s)
            if not any(
                self._looking.get((wanted.address, task_id)) is wanted
                and wanted.address in self.board.watchers.watching(task_id)
                for task_id in wanted.task_ids
            ):
                return None

    def _not_asked_again(self, wanted: LookUp) -> list[str]:
        """The tasks of a question that no later question is about; they are answered now."""
        mine = []
        for task_id in wanted.task_ids:
            if self._looking.get((wanted.address, task_id)) is wanted:
                del self._looking[wanted.address, task_id]
                mine.append(task_id)
        return mine

    async def _makes_sure_that_it_owns_the_store(self) -> bool:
        """Ask for all who need to know it now.

        A write for each of many who ask for what nobody knows would keep all other writes waiting:
        whoever comes while one is on its way shares the next.
        """
        if self._next_check is None:
            self._next_check = self._begin(self._check_after(self._check))
        return await asyncio.shield(self._next_check)

    async def _check_after(self, earlier: asyncio.Task[bool] | None) -> bool:
        if earlier is not None:
            await asyncio.wait([earlier])
        self._check, self._next_check = self._next_check, None
        return await self._still_owns_the_store()

    async def _still_owns_the_store(self) -> bool:
        """Ask in the only way that is never answered wrongly: by writing, if nothing."""
        try:
            await self._store.commit(WriteBatch())
        except Deposed as error:
            self._on_fatal(error)
            return False
        except StoreError:
            pass  # that it has trouble is no reason to think so
        return True

    def _begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._background.add(task)  # the loop itself keeps no hold on it
        task.add_done_callback(self._background.discard)
        return task

    # -- the clock -----------------------------------------------------------------------------

    def _on_alarm(self) -> None:
        self._perform(self._machine.on_timer(self._clock.now()))
        self.settle()

    def _anchor_wall(self) -> None:
        self._machine.anchor_wall(self._clock.wall() - self._clock.now())

    async def _keep_house(self) -> None:
        """Forget what has been kept long enough, and follow the wall clock."""
        while True:
            self._anchor_wall()
            await self._forget_old_tasks()
            await self._clock.sleep_until(self._clock.now() + _HOUSEKEEPING_S)

    async def _forget_old_tasks(self) -> None:
        kept = self._settings.store
        try:
            while await self.read(
                lambda: self._store.forget(
                    ended_before=self._clock.wall() - kept.ended_kept_s,
                    ended_kept_max=kept.ended_kept_max,
                )
            ):
                pass
        except Deposed as error:  # an owner that has nothing to write would never know
            self._on_fatal(error)
        except StoreError as error:
            _log.warning("old_tasks_not_removed", why=str(error))
