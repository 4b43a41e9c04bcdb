"""What the long-running commands refuse before they run, and how they are asked to end."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from pathlib import Path

import pytest

from cognitive_architecture.cli.child_nodes import exit_in_words
from cognitive_architecture.cli.commands.up import (
    _arguments_of_nodes,
    _atomspace,
    _Started,
    _state,
    reach,
)
from cognitive_architecture.cli.outcomes import ExitCode
from cognitive_architecture.cli.stopping import stop_requests
from cognitive_architecture.distributed_mesh.records import TaskCounts
from cognitive_architecture.foundation.settings import (
    MeshSettings,
    MetricsSettings,
    Settings,
    StoreSettings,
)
from tests.support.asynchronous import async_test, until

from .conftest import Run


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["up", "--memory", "--data", "x"], "--memory and --data: one of them"),
        (["up", "--nodes", "-1"], "--nodes"),
        (["up", "--listen", "7464"], "mesh.listen: one or more endpoints"),
        (["node", "--label", "rack"], "--label: KEY=VALUE is required, not 'rack'"),
        (["node", "--label", "=3"], "--label: KEY=VALUE is required"),
        (["weigh", "load"], "weights: FACTOR=NUMBER, as load=2, is required, not 'load'"),
        (["node", "--slots", "0"], "--slots"),
        (["node", "--type", "boss"], "--type"),
        (["node", "--connect", "home"], "mesh.connect: one or more endpoints"),
        (["node", "-C", "haiku"], "there is no built-in haiku; there are dialogue, reasoning"),
        (["node", "-H", "missing.py"], "missing.py: there is no such file"),
        (["node", "--atomspace", "x", "-C", "dialogue"], "a memory node does nothing else"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_starts(
    run: Run, words: list[str], sentence: str
) -> None:
    result = run(*words)

    assert result.exit_code == ExitCode.WRONG_USAGE
    assert sentence in result.stderr


def test_nodes_of_this_machine_reach_an_orchestrator_that_listens_everywhere() -> None:
    settings = Settings(mesh=MeshSettings(name="attic", listen=["tcp/0.0.0.0:7000"]))

    assert _arguments_of_nodes(settings) == [
        *("--quiet", "--connect", "tcp/127.0.0.1:7000", "--mesh", "attic")
    ]


def test_memory_nodes_keep_their_atoms_beside_the_tasks_each_in_a_folder_of_its_own() -> None:
    kept = Settings(store=StoreSettings(directory="data"))

    assert _atomspace(kept) == str(Path("data") / "{name}")
    assert _atomspace(Settings()) == ":memory:"


def test_commands_that_are_shown_reach_the_mesh_as_they_are_typed() -> None:
    elsewhere = Settings(mesh=MeshSettings(name="attic", listen=["tcp/127.0.0.1:7000"]))

    assert reach(Settings()) == ""
    assert reach(elsewhere) == " --connect tcp/127.0.0.1:7000 --mesh attic"


def test_an_orchestrator_says_where_it_is_to_be_found() -> None:
    usual, counts = Settings(), TaskCounts(0, {})
    open_to_all = Settings(
        mesh=MeshSettings(listen=["tcp/0.0.0.0:7464"]),
        metrics=MetricsSettings(listen="127.0.0.1:9464"),
    )

    assert list(_state(usual, 0, counts, _Started(0, 1, 0))) == ["listens at", "keeps"]
    state = _state(open_to_all, 0, counts, _Started(2, 1, 3))
    assert str(state["open to"]).startswith("every machine that can reach it")
    assert state["measures at"] == "http://127.0.0.1:9464/metrics"
    assert str(state["starts"]) == "2 nodes with 1 slot each · 3 memory nodes"
    started = _state(usual, 0, counts, _Started(1, 3, 0))["starts"]
    assert str(started) == "1 node with 3 slots"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_exits_in_words() -> None:
    assert exit_in_words(-9) == "signal SIGKILL"
    assert exit_in_words(6) == f"exit code 6 ({ExitCode.TAKEN.meaning})"
    assert exit_in_words(99) == "exit code 99"


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot send itself these signals")
@async_test
async def test_the_first_signal_is_polite_and_the_second_urgent() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with stop_requests() as requests:
        os.kill(os.getpid(), signal.SIGTERM)
        await until(requests.polite.is_set)
        assert not requests.urgent.is_set()

        os.kill(os.getpid(), signal.SIGINT)
        await until(requests.urgent.is_set)
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot send a signal to one thread")
@async_test
async def test_a_signal_that_another_thread_hears_wakes_a_loop_that_waits() -> None:
    def hear() -> None:
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

    woken_by_others: list[bool] = []
    with stop_requests() as requests:
        # Later, so that the loop waits by then; what wakes it in the end wakes it anyway.
        asyncio.get_running_loop().call_later(10.0, woken_by_others.append, True)
        hearing = threading.Timer(0.1, hear)
        hearing.start()
        await requests.polite.wait()
    hearing.join()
    assert not woken_by_others


@async_test
async def test_a_polite_request_repeated_stays_polite() -> None:
    with stop_requests() as requests:
        requests.ask_politely()
        requests.ask_politely()

        assert requests.polite.is_set()
        assert not requests.urgent.is_set()
