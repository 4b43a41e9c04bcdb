"""A real mesh in this process that an economy of attention steers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cognitive_architecture.attention import AccountKind, Currency, InvalidAmount, UnknownAccount
from cognitive_architecture.attention_store import (
    AttentionStore,
    Keepsakes,
    MemoryAttentionStore,
    restored_bank,
)
from cognitive_architecture.attention_store.sql import SqlAttentionStore
from cognitive_architecture.distributed_mesh.economy.books import parameters_of
from cognitive_architecture.distributed_mesh.economy.economy import MeshEconomy
from cognitive_architecture.distributed_mesh.handlers import Handler, HandlerKind
from cognitive_architecture.distributed_mesh.model import DistributedTask, MeshNode
from cognitive_architecture.distributed_mesh.orchestrator import CognitiveMeshOrchestrator
from cognitive_architecture.foundation.errors import MeshError, StoreError, StoreFull, TaskFailed
from cognitive_architecture.foundation.settings import AttentionSettings
from cognitive_architecture.foundation.world import RealClock, SimulatedClock, World
from tests.support.asynchronous import async_test, turns, until
from tests.support.in_process import in_process_parts

SETTINGS = AttentionSettings(turn_s=0.05)


async def echo(payload: dict[str, Any], _task: object) -> Any:
    return payload


async def broken(_payload: dict[str, Any], _task: object) -> Any:
    raise RuntimeError("it always breaks")


HANDLERS = [
    Handler("echo", echo, HandlerKind.COROUTINE),
    Handler("broken", broken, HandlerKind.COROUTINE),
]


def an_economy(store: AttentionStore | None = None, world: World | None = None) -> MeshEconomy:
    return MeshEconomy(world or World(), SETTINGS, store or MemoryAttentionStore())


async def let_it_be_time_for_turns(clock: SimulatedClock, count: int) -> None:
    """For so many turns, by the clock of the economy; the mesh's own clock is the real one."""
    for _ in range(count):
        clock.jump_to(clock.now() + SETTINGS.turn_s)
        await turns()


@asynccontextmanager
async def running_mesh(economy: MeshEconomy) -> AsyncIterator[CognitiveMeshOrchestrator]:
    parts = in_process_parts(HANDLERS)
    parts.economy = economy
    orchestrator = CognitiveMeshOrchestrator(parts)
    await orchestrator.start_enhanced_orchestration()
    orchestrator.register_node(MeshNode(node_id="n1", capabilities={"echo", "broken"}))
    try:
        yield orchestrator
    finally:
        await orchestrator.stop_enhanced_orchestration()


async def echo_some(orchestrator: CognitiveMeshOrchestrator, count: int) -> None:
    tasks = [DistributedTask(task_type="echo", payload={"n": n}) for n in range(count)]
    async for ending in orchestrator.run_many(tasks):
        assert ending.status == "completed"


def balance(economy: MeshEconomy, kind: AccountKind, name: str) -> float:
    handle = economy.books.handle(kind, name)
    return 0.0 if handle is None else economy.books.balance_sti(handle)


@async_test
async def test_accepted_results_earn_wages_and_failures_teach() -> None:
    economy = an_economy()
    async with running_mesh(economy) as orchestrator:
        await echo_some(orchestrator, 20)
        with pytest.raises(TaskFailed):
            await orchestrator.run(DistributedTask(task_type="broken", max_attempts=1))
        await until(lambda: economy.books.handle(AccountKind.CAPABILITY, "broken") is not None)

        assert balance(economy, AccountKind.CAPABILITY, "echo") > 0
        assert balance(economy, AccountKind.NODE, "n1") > 0
        assert balance(economy, AccountKind.REQUESTER, "orchestrator") == 100
        pairs = economy.show()["pairs"]["strongest"]
        strengths = {pair["capability"]: pair["strength"] for pair in pairs}
        assert strengths["echo"] > 0.8
        assert strengths["broken"] < 0.5
        said = orchestrator.get_enhanced_mesh_status()["attention"]
        assert said["is_on"]
        assert said["accounts"]["nodes"]["count"] == 1
        matcher = orchestrator._parts.matcher
        assert matcher.affinity("n1", "echo") > 0.6, "placement knows"
        assert matcher.affinity("n1", "broken") == 0.0
        ledger = economy.books.bank.ledger
        assert ledger.total(Currency.STI) == ledger.issued(Currency.STI)


@async_test
async def test_a_mesh_in_which_nothing_happens_takes_no_turn() -> None:
    clock = SimulatedClock()
    economy = an_economy(world=World(clock))
    async with running_mesh(economy) as orchestrator:
        before = economy.books.number
        await echo_some(orchestrator, 3)
        await let_it_be_time_for_turns(clock, 1)
        number = economy.books.number
        assert number > before
        await let_it_be_time_for_turns(clock, 4)
        assert economy.books.number == number


@async_test
async def test_without_an_economy_nothing_is_counted() -> None:
    parts = in_process_parts(HANDLERS)
    orchestrator = CognitiveMeshOrchestrator(parts)
    await orchestrator.start_enhanced_orchestration()
    try:
        assert orchestrator._the_dispatcher.board.earnings is None
        assert orchestrator.get_enhanced_mesh_status()["attention"] == {"is_on": False}
        with pytest.raises(MeshError, match="attention is switched off"):
            await orchestrator._own_client.ask("attention")
    finally:
        await orchestrator.stop_enhanced_orchestration()


@async_test
async def test_orders_and_questions_come_over_the_mesh() -> None:
    economy = an_economy()
    async with running_mesh(economy) as orchestrator:
        client = orchestrator._own_client
        for _ in range(2):  # a client says it again when the answer was lost
            said = await client.ask(
                "attention_order", kind="requester", name="ann", by=300, order="order-1"
            )
            assert said == {"kind": "requester", "name": "ann", "sti": 400.0, "share": 1.0}
        shown = await client.ask("attention", top=3)
        assert shown["accounts"]["requesters"]["richest"][0]["name"] == "ann"
        past = await client.ask("attention_past")
        assert len(past["records"]) == economy.books.number
        with pytest.raises(MeshError, match="no node 'nobody' has an account"):
            await client.ask("attention_order", kind="node", name="nobody", by=1, order="o2")
        for wrong in ({"by": "much"}, {"by": True}, {"name": 3}, {"kind": "planet"}):
            arguments = {"kind": "concept", "name": "storm", "by": 1, "order": "o3"} | wrong
            with pytest.raises(MeshError, match=f"{next(iter(wrong))}: "):
                await client.ask("attention_order", **arguments)
        with pytest.raises(MeshError, match="top: a whole number from 1"):
            await client.ask("attention", top=0)


@async_test
async def test_orders_take_effect_on_what_waits() -> None:
    economy = an_economy()
    async with running_mesh(economy) as orchestrator:
        board = orchestrator._the_dispatcher.board
        # Nobody does them, so they wait.
        about = {"storm": "a", "lamp": "b", "rope": "c"}
        for concept, task_id in about.items():
            orchestrator.submit_task(
                DistributedTask(
                    task_id=task_id,
                    task_type="later",
                    concepts=frozenset({concept}),
                    wait_for_node=True,
                )
            )
        for concept in ("storm", "lamp"):
            await economy.stimulate("concept", concept, 1)
        storm, lamp = (economy.books.require(AccountKind.ATOM, name) for name in ("storm", "lamp"))
        rng = np.random.default_rng(0)
        economy.books.bank.links.add(np.array([storm]), np.array([lamp]), 0.5, 0.5, rng)
        before = {name: board.urgency.levels(board.entries[about[name]]) for name in about}

        said = await economy.stimulate("concept", "storm", 200)

        assert said["raised"] == {"storm": 2.0, "lamp": 0.5}
        after = {name: board.urgency.levels(board.entries[about[name]]) for name in about}
        gained = {name: round(after[name] - before[name], 9) for name in about}
        assert gained == {"storm": 2.0, "lamp": 0.5, "rope": 0.0}
        await economy.stimulate("concept", "storm", 10_000)
        assert board.urgency.of_concept("storm") == 20.0, "nobody is raised by more"

        for name in ("bob", "cid"):
            await economy.stimulate("requester", name, 0)
        await economy.stimulate("requester", "ann", 300)
        assert board.shares.weight("ann") == pytest.approx(4.0)
        assert board.shares.weight("bob") == board.shares.weight("a newcomer") == 1.0


@async_test
async def test_the_books_outlive_the_process(tmp_path: Path) -> None:
    economy = an_economy(SqlAttentionStore(tmp_path, RealClock()))
    async with running_mesh(economy) as orchestrator:
        await echo_some(orchestrator, 20)
        await economy.stimulate("requester", "ann", 50)
        await economy.stimulate("concept", "storm", 70)
    successor = an_economy(SqlAttentionStore(tmp_path, RealClock()))
    async with running_mesh(successor) as orchestrator:
        assert balance(successor, AccountKind.REQUESTER, "ann") == 150
        assert balance(successor, AccountKind.ATOM, "storm") == 70
        assert balance(successor, AccountKind.NODE, "n1") > 0, "the last turn was taken at the end"
        assert successor.show()["pairs"]["count"] == 1
        assert orchestrator._the_dispatcher.board.shares.weight("ann") == pytest.approx(1.5)
        assert orchestrator._parts.matcher.affinity("n1", "echo") > 0.5
        await echo_some(orchestrator, 3)


class FullDisk(MemoryAttentionStore):
    """Refuses while it is told to."""

    is_full = False

    def commit_now(self, keepsakes: Keepsakes) -> None:
        if self.is_full:
            raise StoreFull("the disk is full: everything acknowledged is kept")
        super().commit_now(keepsakes)


@async_test
async def test_a_full_disk_stops_turns_and_loses_nothing() -> None:
    store, clock = FullDisk(), SimulatedClock()
    economy = an_economy(store, World(clock))
    async with running_mesh(economy) as orchestrator:
        store.is_full = True
        with pytest.raises(StoreFull):
            await economy.stimulate("concept", "storm", 5)
        await echo_some(orchestrator, 5)
        await let_it_be_time_for_turns(clock, 4)
        assert balance(economy, AccountKind.NODE, "n1") == 0, "its wages wait"
        with pytest.raises(StoreFull):
            await economy.stimulate("concept", "storm", 5)
        store.is_full = False
        await let_it_be_time_for_turns(clock, 1)
        assert balance(economy, AccountKind.NODE, "n1") > 0
        assert balance(economy, AccountKind.ATOM, "storm") == 5
    kept = restored_bank(store.open(), parameters_of(SETTINGS))
    assert kept.ledger.entry_count == len(store.past().records), "no record is missing"


@async_test
async def test_a_damaged_store_is_refused_with_a_sentence() -> None:
    store = MemoryAttentionStore()
    store.open()
    store.commit_now(Keepsakes(0.0, checkpoint=b"x" * 100))
    orchestrator = CognitiveMeshOrchestrator(in_process_parts(HANDLERS))
    orchestrator.adopt(an_economy(store))
    with pytest.raises(StoreError, match="attention store is damaged"):
        await orchestrator.start_enhanced_orchestration()
    assert not orchestrator.is_running


@async_test
async def test_one_mesh_has_one_economy() -> None:
    orchestrator = CognitiveMeshOrchestrator(in_process_parts(HANDLERS))
    economy = an_economy()
    orchestrator.adopt(economy)
    orchestrator.adopt(economy)
    with pytest.raises(MeshError, match="has an economy of attention already"):
        orchestrator.adopt(an_economy())
    with pytest.raises(MeshError, match="not running"):
        economy.show()


@async_test
async def test_orders_that_make_no_sense_are_refused() -> None:
    economy = an_economy()
    async with running_mesh(economy):
        with pytest.raises(InvalidAmount, match="kind: one of requester"):
            await economy.stimulate("planet", "x", 1)
        with pytest.raises(UnknownAccount):
            await economy.stimulate("node", "n9", 1)
        for by in (float("nan"), float("inf"), 1e12):
            with pytest.raises(InvalidAmount, match="by: a number of STI"):
                await economy.stimulate("concept", "storm", by)


@async_test
async def test_a_long_life_keeps_its_journal_within_bounds(tmp_path: Path) -> None:
    settings = AttentionSettings(turn_s=0.05, journal_bytes_max=64 * 1024)
    economy = MeshEconomy(World(), settings, SqlAttentionStore(tmp_path, RealClock()))
    async with running_mesh(economy):
        for number in range(900):
            await economy.stimulate("requester", f"r{number % 5}", 1 if number % 2 else -0.5)
        past = await economy.past()
        assert past.checkpoint is not None
        assert 20_000 < sum(map(len, past.records)) < 70_000
        shown = economy.show()
    successor = MeshEconomy(World(), settings, SqlAttentionStore(tmp_path, RealClock()))
    async with running_mesh(successor):
        assert successor.show() == shown
