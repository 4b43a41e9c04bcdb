from __future__ import annotations

import json
from pathlib import Path

import pytest

from cognitive_architecture.simulation import read_plan
from tests.simulation.planted import BUGS, is_planted

from .conftest import Run

EARLY = BUGS["on_submitted: a task is acknowledged before it is durable"]


def test_seeds_that_keep_every_promise_are_counted(run: Run) -> None:
    result = run("simulate", "--seeds", "3")

    assert result.exit_code == 0
    assert result.stdout.startswith("3 seeds · 0 broken · ")


def test_one_seed_tells_what_happened_and_ends_with_its_fingerprint(run: Run) -> None:
    first, second = run("simulate", "--seed", "2"), run("simulate", "--seed", "2")

    assert first.exit_code == 0
    assert "owns the store in epoch 1" in first.stdout
    assert "fingerprint" in first.stdout.splitlines()[-1]
    assert first.stdout == second.stdout


def test_a_broken_seed_is_cut_down_kept_and_played_again_by_the_printed_command(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with is_planted(EARLY):
        result = run("simulate", "--seeds", "1", "--first", "2")
        assert result.exit_code == 1
        (command,) = [
            line.split()[1:]
            for line in result.stdout.splitlines()
            if line.startswith("  cogmesh simulate")
        ]
        assert command == ["simulate", "--seed", "2", "--schedule", "cogmesh-seed-2.json"]
        again = run(*command, "--json")
    assert again.exit_code == 1
    assert not json.loads(again.stdout)["sound"]
    assert len(read_plan(tmp_path / "cogmesh-seed-2.json").steps) <= 2
    assert run(*command).exit_code == 0


def test_many_seeds_in_json(run: Run) -> None:
    said = json.loads(run("simulate", "--seeds", "2", "--json").stdout)

    assert said["seeds"] == 2
    assert said["broken"] == []
    assert said["virtual_s"] > 0


def test_seeds_played_by_several_processes_come_to_the_same(run: Run) -> None:
    alone, together = (
        json.loads(run("simulate", "--seeds", "6", "--jobs", jobs, "--json").stdout)
        for jobs in ("1", "2")
    )

    assert together["attempts"] == alone["attempts"]
    assert together["virtual_s"] == alone["virtual_s"]


def test_a_picture_needs_one_seed(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "run.html"

    assert run("simulate", "--seeds", "2", "--timeline", str(page)).exit_code == 2
    assert run("simulate", "--seed", "2", "--timeline", str(page)).exit_code == 0
    assert "<svg" in page.read_text("utf-8")


def test_a_file_that_is_no_plan_is_refused_with_a_sentence(run: Run, tmp_path: Path) -> None:
    result = run("simulate", "--schedule", str(tmp_path / "nothing.json"))

    assert result.exit_code == 2
    assert "this is no plan" in result.stderr
