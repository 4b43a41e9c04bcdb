"""Whatever a machine decided, another one decides again when it is told the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from cognitive_architecture.composition import local_parts
from cognitive_architecture.distributed_mesh.adapters.decision_file import DecisionFile, chunks_of
from cognitive_architecture.distributed_mesh.machines.dispatch import DispatchMachine
from cognitive_architecture.distributed_mesh.model import DistributedTask, MeshNode
from cognitive_architecture.distributed_mesh.orchestrator import CognitiveMeshOrchestrator
from cognitive_architecture.distributed_mesh.records import Ownership
from cognitive_architecture.distributed_mesh.replay import Journal, Player, read
from cognitive_architecture.distributed_mesh.replay.journal import framed
from cognitive_architecture.distributed_mesh.replay.recorded import (
    RecordedMachine,
    RecordedMatcher,
    Recording,
    retry_chance,
)
from cognitive_architecture.distributed_mesh.replay.story import verdict_of
from cognitive_architecture.foundation.errors import JournalUnreadable
from cognitive_architecture.foundation.settings import QuotaSettings, RecoverySettings, Settings
from cognitive_architecture.foundation.world import World, simulated_world
from tests.support.asynchronous import async_test
from tests.support.harness import DispatchHarness
from tests.support.scenario_text import ScenarioRunner, read_scenario

STORIES = sorted((Path(__file__).parents[2] / "scenarios" / "dispatch").glob("*.txt"))


class Shelf:
    """Keeps journals in memory, one for each owner."""

    def __init__(self) -> None:
        self.journals: list[list[bytes]] = []

    def write(self, record: bytes) -> None:
        self.journals[-1].append(record)

    def flush(self) -> None:
        """Everything is there already."""

    def close(self) -> None:
        """There is nothing to close."""


def recorded(shelf: Shelf, mesh: DispatchHarness, owned: Ownership) -> RecordedMachine:
    """The machine of a harness, with draws from a seed instead of constant ones."""
    matcher = RecordedMatcher()
    settings = Settings(
        dispatch=mesh.settings,
        recovery=mesh.recovery or RecoverySettings(),
        shares=mesh.shares,
        quotas=mesh.quotas or QuotaSettings(),
    )
    world = simulated_world(seed=7)
    machine = DispatchMachine.of(settings, owned, matcher, retry_chance(world))
    shelf.journals.append([])
    return Recording(matcher, lambda _epoch: shelf).of(machine, settings, owned, world)


@pytest.mark.parametrize("story", STORIES, ids=lambda path: path.stem)
def test_every_decision_of_a_story_comes_out_the_same(
    story: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf()
    monkeypatch.setattr(DispatchHarness, "made", lambda mesh, owned: recorded(shelf, mesh, owned))
    runner = ScenarioRunner()
    for step in read_scenario(story.read_text())[0]:
        runner.run(step.command)

    for journal in shelf.journals:
        played = list(Player(read([b"".join(journal)])).play())
        assert [str(one.difference) for one in played if one.difference] == []
    assert sum(map(len, shelf.journals)) > len(shelf.journals)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"store": {"directory": str(tmp_path), "decisions_mib_max": 16}})


async def a_mesh_at_work(settings: Settings) -> list[str]:
    """Two nodes do some work, some of it more urgent, some of it impossible to do well."""
    parts = local_parts(settings)
    mesh = CognitiveMeshOrchestrator(parts)
    for _ in range(2):
        mesh.register_node(MeshNode(capabilities={"text_processing", "reasoning"}))
    await mesh.start_enhanced_orchestration()
    try:
        parts.matcher.set_affinity(mesh.nodes()[0].node_id, "text_processing", 0.5)
        parts.matcher.set_score_weights(load=2.0)
        tasks = [
            DistributedTask(
                task_type="text_processing",
                payload={"text": "One. Two."} if number % 5 else {"nothing": "known"},
                priority=1 + number % 10,
                requester_node=f"writer-{number % 3}",
                max_attempts=2,
                backoff_s=0.01,
            )
            for number in range(40)
        ]
        return [ending.task_id async for ending in mesh.run_many(tasks)]
    finally:
        await mesh.stop_enhanced_orchestration()


def journal_of(settings: Settings) -> Path:
    (path,) = Path(settings.store.directory or "").glob("decisions-*.journal")
    return path


@async_test
async def test_a_real_mesh_is_replayed_and_tells_the_story_of_a_task(settings: Settings) -> None:
    ended = await a_mesh_at_work(settings)

    path = journal_of(settings)
    verdict = verdict_of(lambda: read(chunks_of(path)), task_id=ended[-1])

    assert verdict.differences == 0
    assert verdict.assignments >= 40
    sentences = [moment.sentence for moment in verdict.moments]
    assert sentences[0] == "submitted as text_processing, and on its way to the disk"
    assert sentences[1] == "durable, and waits for a node"
    assert sentences[-1] == "its ending is durable and was told"
    (given, *_) = [moment for moment in verdict.moments if "given to" in moment.sentence]
    assert given.why
    assert len(given.nodes) == 2


@async_test
async def test_what_was_changed_afterwards_is_noticed(settings: Settings) -> None:
    await a_mesh_at_work(settings)
    whole = read(chunks_of(journal_of(settings)))
    steps = list(whole.steps)
    place = next(n for n, step in enumerate(steps) if step.call == "assign" and step.effects)
    steps[place] = msgspec.structs.replace(steps[place], answer=b"otherwise")

    verdict = verdict_of(lambda: Journal(whole.beginning, iter(steps)))

    assert verdict.differences == 1
    assert f"step {place + 1}" in str(verdict.first_difference)


@async_test
async def test_steps_that_do_not_go_together_are_refused(settings: Settings) -> None:
    await a_mesh_at_work(settings)
    whole = read(chunks_of(journal_of(settings)))
    steps = [step for step in whole.steps if step.event != "NodeReported"]

    with pytest.raises(JournalUnreadable, match="cannot be taken"):
        verdict_of(lambda: Journal(whole.beginning, iter(steps)))


@async_test
async def test_a_journal_that_was_cut_off_is_replayed_as_far_as_it_goes(
    settings: Settings,
) -> None:
    await a_mesh_at_work(settings)
    data = journal_of(settings).read_bytes()
    steps = len(list(read([data]).steps))

    cut = list(Player(read([data[:-3]])).play())

    assert len(cut) == steps - 1
    assert all(played.difference is None for played in cut)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no record"),
        (b"words, words, words", "no record"),
        (b"\x00\x00\x00\x02hi", "no journal"),
        (b"\x00\x00\x00\x01\x80", "no journal"),
    ],
)
def test_what_is_no_journal_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(JournalUnreadable, match=said):
        read([data])


@async_test
async def test_another_version_is_refused(settings: Settings) -> None:
    await a_mesh_at_work(settings)
    beginning = read(chunks_of(journal_of(settings))).beginning
    newer = type(beginning)(
        99,
        beginning.program,
        beginning.settings,
        beginning.owned,
        beginning.seed,
        beginning.wall,
    )
    with pytest.raises(JournalUnreadable, match="version 99"):
        read([framed(newer)])


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(JournalUnreadable, match="cannot be read"):
        list(chunks_of(tmp_path / "decisions-1.journal"))


def records(count: int) -> Iterator[bytes]:
    return (bytes([number]) * 10 for number in range(count))


def test_a_file_stops_at_its_bound_and_keeps_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "decisions-1.journal"
    file = DecisionFile(path, bytes_max=25)
    for record in records(5):
        file.write(record)
        file.flush()
    file.close()
    assert path.read_bytes() == b"".join(records(2))


def test_a_folder_that_cannot_be_made_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    file = DecisionFile(tmp_path / "taken" / "decisions-1.journal", bytes_max=1000)
    file.write(b"record")
    file.flush()


def test_draws_come_from_the_seed_alone() -> None:
    one, other = (retry_chance(World(seed=3)) for _ in range(2))
    assert [one() for _ in range(5)] == [other() for _ in range(5)]
