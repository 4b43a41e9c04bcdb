"""A run is a function of its plan: the same bytes, whoever plays it and wherever."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from cognitive_architecture.distributed_mesh.orchestrator import CognitiveMeshOrchestrator
from cognitive_architecture.foundation.errors import ConfigurationError
from cognitive_architecture.simulation import Plan, plan_of, play, read_plan, write_plan

SEEDS = (1, 2, 7, 12)
PRINT_THEM = (
    "from cognitive_architecture.simulation import plan_of, play\n"
    f"print(*(play(plan_of(seed)).fingerprint for seed in {SEEDS}))"
)


def test_a_seed_gives_one_history_whatever_ran_before_and_whatever_python_hashes_with() -> None:
    here = [play(plan_of(seed)).fingerprint for seed in SEEDS]

    assert [play(plan_of(seed)).fingerprint for seed in reversed(SEEDS)] == here[::-1]
    for hash_seed in ("0", "4711"):
        elsewhere = subprocess.run(
            [sys.executable, "-c", PRINT_THEM],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert elsewhere.stdout.split() == here


def test_nothing_of_a_run_outlives_it() -> None:
    seen: weakref.WeakSet[CognitiveMeshOrchestrator] = weakref.WeakSet()
    played: list[int] = []

    def inspect(orchestrator: CognitiveMeshOrchestrator) -> None:
        seen.add(orchestrator)
        played.append(len(seen))

    verdict = play(plan_of(SEEDS[0]), inspect=inspect)

    assert verdict.is_sound
    assert max(played) > 0
    assert not seen


def test_other_seeds_give_other_histories() -> None:
    assert len({play(plan_of(seed)).fingerprint for seed in range(20)}) == 20


def test_a_run_inside_a_running_loop_leaves_that_loop_alone() -> None:
    async def main() -> str:
        loop = asyncio.get_running_loop()
        fingerprint = play(plan_of(7)).fingerprint
        assert asyncio.get_running_loop() is loop
        await asyncio.sleep(0)
        return fingerprint

    assert asyncio.run(main()) == play(plan_of(7)).fingerprint


def test_a_plan_that_went_through_a_file_is_the_same_plan(tmp_path: Path) -> None:
    plan = plan_of(33)
    write_plan(plan, tmp_path / "plan.json")

    again = read_plan(tmp_path / "plan.json")

    assert again == plan
    assert play(again).fingerprint == play(plan).fingerprint


@pytest.mark.parametrize("text", [None, "", "[]", '{"seed": "seven"}'])
def test_what_is_no_plan_is_refused_with_a_sentence(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "plan.json"
    if text is not None:
        file.write_text(text)

    with pytest.raises(ConfigurationError, match=r"plan\.json: this is no plan"):
        read_plan(file)


def test_a_calm_plan_breaks_nothing() -> None:
    plan: Plan = plan_of(5, calm=True)

    assert plan.is_calm
    assert not any(step.is_trouble for step in plan.steps)
