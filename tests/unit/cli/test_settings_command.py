from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from .conftest import Run


def test_settings_and_where_they_come_from(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("cogmesh.toml").write_text("[dispatch]\nageing_s = 60\n")
    monkeypatch.setenv("COGMESH_LOG__LEVEL", "debug")

    result = run("settings", "--mesh", "attic")

    rows = {line.split()[0]: line for line in result.stdout.splitlines()}
    assert (
        f"key ageing_s in [dispatch] of {Path.cwd() / 'cogmesh.toml'}" in rows["dispatch.ageing_s"]
    )
    assert "variable COGMESH_LOG__LEVEL" in rows["log.level"]
    assert "given by --mesh" in rows["mesh.name"]
    assert rows["store.directory"].split()[1:] == ["not", "set", "default"]
    assert f"files read: {Path.cwd() / 'cogmesh.toml'}" in result.stderr


def test_settings_for_programs(run: Run) -> None:
    result = run("settings", "--json", "--connect", "tcp/pi:1")

    said = json.loads(result.stdout)
    assert result.stderr == ""
    assert said["mesh.connect"] == {"value": ["tcp/pi:1"], "source": "given by --connect"}
    assert said["dispatch.ageing_s"] == {"value": 30.0, "source": "default"}


def test_the_example_is_a_file_that_can_be_kept(run: Run) -> None:
    result = run("settings", "--example")

    assert set(tomllib.loads(result.stdout)) >= {"mesh", "store", "dispatch", "node"}
