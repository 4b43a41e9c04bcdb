from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

import pytest

from cognitive_architecture.foundation.errors import ConfigurationError
from cognitive_architecture.foundation.settings import Settings
from cognitive_architecture.foundation.settings_source import (
    Flag,
    LoadedSettings,
    load_settings,
    user_settings_file,
)


class Load(Protocol):
    def __call__(self, *flags: Flag) -> LoadedSettings: ...


@pytest.fixture
def user_file(tmp_path: Path) -> Path:
    return tmp_path / "home" / "cogmesh.toml"


@pytest.fixture
def project_file(tmp_path: Path) -> Path:
    return tmp_path / "project" / "cogmesh.toml"


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable in [name for name in os.environ if name.upper().startswith("COGMESH")]:
        monkeypatch.delenv(variable)
    for folder in ("home", "project"):
        (tmp_path / folder).mkdir()


@pytest.fixture
def load(user_file: Path, project_file: Path) -> Load:
    def loading(*flags: Flag) -> LoadedSettings:
        return load_settings(flags, user_file=user_file, project_file=project_file)

    return loading


def problem(load: Load, *flags: Flag) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(*flags)
    return str(caught.value)


def test_without_any_source_there_are_defaults(load: Load) -> None:
    loaded = load()

    assert loaded.settings == Settings()
    assert loaded.origins == {}
    assert loaded.files == ()


def test_each_source_wins_over_the_one_before(
    load: Load, user_file: Path, project_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user_file.write_text("[dispatch]\nageing_s = 10\nbackoff_max_s = 10\nnode_losses_max = 11\n")
    assert load().settings.dispatch.ageing_s == 10

    project_file.write_text("[dispatch]\nageing_s = 20\nbackoff_max_s = 20\n")
    assert load().settings.dispatch.ageing_s == 20

    monkeypatch.setenv("COGMESH_DISPATCH__AGEING_S", "30")
    assert load().settings.dispatch.ageing_s == 30

    loaded = load(Flag("dispatch.ageing_s", 40, "--ageing"))
    assert loaded.settings.dispatch.ageing_s == 40
    assert loaded.settings.dispatch.backoff_max_s == 20
    assert loaded.settings.dispatch.node_losses_max == 11
    assert loaded.files == (user_file, project_file)
    assert loaded.origins == {
        "dispatch.ageing_s": "given by --ageing",
        "dispatch.backoff_max_s": f"key backoff_max_s in [dispatch] of {project_file}",
        "dispatch.node_losses_max": f"key node_losses_max in [dispatch] of {user_file}",
    }


@pytest.mark.parametrize("nothing", [None, []])
def test_a_flag_that_was_not_used_says_nothing(load: Load, nothing: object) -> None:
    assert load(Flag("mesh.connect", nothing, "--connect")).settings == Settings()


@pytest.mark.parametrize(
    "text", ["tcp/a:1,tcp/b:2", " tcp/a:1 , tcp/b:2 ", '["tcp/a:1", "tcp/b:2"]']
)
def test_a_list_in_a_variable_is_written_with_commas_or_as_json(
    load: Load, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("COGMESH_MESH__CONNECT", text)

    assert load().settings.mesh.connect == ["tcp/a:1", "tcp/b:2"]


def test_variables_may_be_in_lower_case(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("cogmesh_log__as_json", "true")

    assert load().settings.log.as_json


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("COGMESH_DISPATCH__AGEING_S", "0", "dispatch.ageing_s: a number of seconds from 1"),
        ("COGMESH_MESH__CONNECT", "[tcp", "mesh.connect: one or more endpoints"),
        ("COGMESH_DISPATCH__AGEIN_S", "3", "did you mean dispatch.ageing_s?"),
        ("COGMESH_DISPACH__AGEING_S", "3", "did you mean dispatch.ageing_s?"),
    ],
)
def test_a_wrong_variable_is_named(
    load: Load, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(variable, value)

    said = problem(load)

    assert sentence in said
    assert said.endswith(f"(variable {variable})")


def test_one_underscore_too_few_is_explained(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COGMESH_DISPATCH_AGEING_S", "3")

    assert "needs two underscores between section and name" in problem(load)


def test_variables_that_kubernetes_makes_for_a_service_are_not_ours(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COGMESH_PORT", "tcp://10.0.0.1:7464")
    monkeypatch.setenv("COGMESH_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("COGMESH_PORT_7464_TCP_ADDR", "10.0.0.1")

    assert load().settings == Settings()


def test_a_wrong_flag_is_named(load: Load) -> None:
    assert problem(load, Flag("mesh.name", "no spaces", "--mesh")).endswith("(given by --mesh)")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[dispatch]\nageing_s = \n", 2),
        ("[dispatch]\nageing_s = 3\nageing_s = 4\n", 3),
        ('[mesh]\nname = "home', 2),
        ("[mesh\n", 1),
    ],
)
def test_a_mistake_in_a_file_names_its_line(
    load: Load, project_file: Path, text: str, line: int
) -> None:
    project_file.write_text(text)

    said = problem(load)

    assert str(project_file) in said
    assert f"line {line}" in said


def test_a_value_without_a_section_is_explained(load: Load, project_file: Path) -> None:
    project_file.write_text("ageing_s = 3\nmesh = 4\n")

    first, second = problem(load).splitlines()

    assert "the sections are mesh, store" in first
    assert first.endswith(f"(key ageing_s of {project_file})")
    assert "this is a section" in second


def test_a_file_that_is_no_text_is_refused(load: Load, project_file: Path) -> None:
    project_file.write_bytes(b"\xff\xfe\x00")

    assert problem(load) == f"{project_file}: this is no text in UTF-8"


def test_the_usual_files_are_used_where_none_are_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "cogmesh.toml").write_text('[mesh]\nname = "attic"\n')

    loaded = load_settings()

    assert loaded.settings.mesh.name == "attic"
    assert loaded.files == (tmp_path / "cogmesh.toml",)
    assert user_settings_file().name == "cogmesh.toml"
