"""A command line without a mesh: settings from nowhere, and a client whose answers are given."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
import structlog
from typer.testing import CliRunner, Result

from cognitive_architecture.cli import asking
from cognitive_architecture.cli.app import app
from cognitive_architecture.distributed_mesh.model import DistributedTask, Ending, TaskEvent
from cognitive_architecture.foundation.settings import Settings

Run = Callable[..., Result]


class FakeClient:
    """Answers what it was told to, and notes what it was asked."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.requester = ""
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, Any]] = []
        self.tasks_given: list[DistributedTask] = []
        self.happenings: list[TaskEvent] = []
        self.endings: dict[str, Ending] = {}

    def _answer(self, subject: str, about: Any = None) -> Any:
        self.asked.append((subject, about))
        answer = self.answers[subject]
        if isinstance(answer, dict) and about in answer:
            answer = answer[about]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def status(self) -> Any:
        return self._answer("status")

    async def failures(self, limit: int) -> Any:
        return self._answer("failures", limit)

    async def nodes(self) -> Any:
        return self._answer("nodes")

    async def capabilities(self) -> Any:
        return self._answer("capabilities")

    async def tasks(self, **wanted: Any) -> Any:
        return self._answer("tasks", tuple(sorted(wanted.items())))

    async def explain(self, task_id: str) -> Any:
        return self._answer("explain", task_id)

    async def reprioritise(self, **change: Any) -> Any:
        return self._answer("reprioritise", str(change))

    async def task(self, task_id: str) -> Any:
        return self._answer("task", task_id)

    async def cancel(self, task_id: str) -> Any:
        return self._answer("cancel", task_id)

    async def match(self, task: DistributedTask) -> Any:
        self.tasks_given.append(task)
        return self._answer("match")

    async def weigh(self, **weights: float) -> Any:
        return self._answer("weigh", tuple(sorted(weights.items())))

    async def drain(self, node_id: str) -> Any:
        return self._answer("drain", node_id)

    async def attention(self, *, top: int) -> Any:
        return self._answer("attention", top)

    async def stimulate(self, kind: str, name: str, by: float) -> Any:
        return self._answer("stimulate", (kind, name, by))

    async def attention_past(self) -> Any:
        return self._answer("attention_past")

    async def submit(self, task: DistributedTask) -> str:
        return (await self.submit_many([task]))[0]

    async def submit_many(self, tasks: Iterable[DistributedTask]) -> list[str]:
        refusal = self.answers.get("submit")
        if isinstance(refusal, Exception):
            raise refusal
        ids = []
        for task in tasks:
            self.tasks_given.append(task)
            ids.append(f"task-{len(self.tasks_given)}")
        return ids

    async def ending(self, task_id: str) -> Ending:
        return self.endings[task_id]

    async def events(self, _task_id: str) -> AsyncIterator[TaskEvent]:
        for event in self.happenings:
            yield event


def an_ending(task_id: str = "task-1", status: str = "completed", **more: Any) -> Ending:
    """How a task ended, with 2.5 s of work."""
    result = more.pop("result", None)
    return Ending(
        task_id=task_id,
        serial=1,
        status=status,
        result=None if status != "completed" else msgspec.msgpack.encode(result),
        reason=more.pop("reason", None),
        node_id=more.pop("node_id", "kitchen"),
        attempt=1,
        started_at=1_700_000_000.0,
        ended_at=1_700_000_002.5,
    )


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    """The client that every command gets."""
    fake = FakeClient()

    @asynccontextmanager
    async def opened(settings: Settings, name: str) -> AsyncIterator[FakeClient]:
        fake.settings, fake.requester = settings, name
        if "open" in fake.answers:
            raise fake.answers["open"]
        yield fake

    monkeypatch.setattr(asking, "open_client", opened)
    return fake


@pytest.fixture
def run() -> Run:
    """Runs a command line: ``run("task", "task-1")``."""

    def running(*words: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(app, list(words), input=stdin)

    return running


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No settings of this person, no terminal, and logging as it was before."""
    for variable in [name for name in os.environ if name.upper().startswith("COGMESH")]:
        monkeypatch.delenv(variable)
    monkeypatch.delenv("COLUMNS", raising=False)
    for variable in ("HOME", "XDG_CONFIG_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
