from __future__ import annotations

import json
import socket
import sqlite3
from pathlib import Path

import pytest
from filelock import FileLock

from cognitive_architecture import __version__
from cognitive_architecture.cli.examination import mesh, places, program
from cognitive_architecture.cli.examination.findings import Level, doubt, failure, verdict, well
from cognitive_architecture.cli.outcomes import ExitCode
from cognitive_architecture.foundation.errors import FabricError, MeshUnreachable
from tests.integration.cli_processes import free_endpoint

from .conftest import FakeClient, Run
from .test_looking import NODE, STATUS, TASK

WELL = NODE | {"vitals": {"stuck_slots": 0}}


def test_the_verdict_is_that_of_the_first_failure() -> None:
    assert verdict([well("a", ""), doubt("b", "", "")]) is ExitCode.OK
    assert (
        verdict([failure("a", "", "", ExitCode.TAKEN), failure("b", "", "", ExitCode.UNREACHABLE)])
        is ExitCode.TAKEN
    )


# -- the program -----------------------------------------------------------------------------------


def test_this_python_will_do() -> None:
    assert program.python().level is Level.OK


def test_all_packages_are_there() -> None:
    (finding,) = program.packages()

    assert finding.level is Level.OK
    assert "sqlalchemy " in finding.sentence


def test_a_package_that_is_missing_or_too_old_is_named() -> None:
    findings = program.packages(
        ["msgspec>=0.1", "no-such-package>=1.0", "rich>=999.0", 'unwanted; extra == "dev"']
    )

    assert [finding.level for finding in findings] == [Level.FAIL, Level.FAIL]
    assert "no-such-package cannot be used (ModuleNotFoundError" in findings[0].sentence
    assert "999.0 is needed" in findings[1].sentence
    assert findings[1].advice.endswith("-m pip install --upgrade --force-reinstall rich")


# -- places ----------------------------------------------------------------------------------------


def test_a_data_folder_that_does_not_exist_can_be_made(tmp_path: Path) -> None:
    finding = places.data_folder(tmp_path / "new" / ".cogmesh")

    assert finding.level is Level.OK
    assert finding.sentence.endswith("does not exist yet; cogmesh up makes it")


def test_a_data_folder_that_is_a_file_fails(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    assert places.data_folder(file).code is ExitCode.TAKEN


def test_a_data_folder_in_use_is_well_and_says_by_whom(tmp_path: Path) -> None:
    (tmp_path / "orchestrator.pid").write_text("4711")

    with FileLock(tmp_path / "orchestrator.lock"):
        finding = places.data_folder(tmp_path)

    assert finding.level is Level.OK
    assert "an orchestrator (process 4711) keeps its tasks there" in finding.sentence
    assert "nobody uses it" in places.data_folder(tmp_path).sentence


def test_tables_of_a_newer_version_fail(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "cogmesh.sqlite3") as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")
    connection.close()

    finding = places.data_folder(tmp_path)

    assert finding.level is Level.FAIL
    assert "tables of version 9999" in finding.sentence


def test_a_file_that_is_no_store_fails(tmp_path: Path) -> None:
    (tmp_path / "cogmesh.sqlite3").write_text("this is no database, but long enough to be one")

    finding = places.data_folder(tmp_path)

    assert finding.level is Level.FAIL
    assert "damaged or no task store" in finding.sentence


@pytest.mark.parametrize(
    ("free", "level"), [(2 << 30, Level.OK), (500 << 20, Level.WARN), (1 << 20, Level.FAIL)]
)
def test_room_on_the_disk(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, level: Level
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("", (), {"free": free}))

    assert places.disk(tmp_path / "new").level is level


def test_a_free_port_is_well() -> None:
    assert places.port(free_endpoint()).sentence.endswith("is free")


def test_a_port_of_somebody_else_fails_and_says_whose_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(places, "_listener", lambda _: ("process 4711, nginx", False))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        finding = places.port(f"tcp/127.0.0.1:{other.getsockname()[1]}")

    assert finding.code is ExitCode.TAKEN
    assert finding.sentence.endswith("is taken by process 4711, nginx")


def test_an_address_of_another_machine_fails() -> None:
    assert "this machine has no such address" in places.port("tcp/192.0.2.1:7464").sentence


def test_what_is_not_tcp_is_not_looked_at() -> None:
    assert places.port("unixsock-stream/x").level is Level.OK


# -- the mesh --------------------------------------------------------------------------------------


def test_no_mesh_is_a_failure_only_where_one_is_expected() -> None:
    nobody = MeshUnreachable("nobody")

    assert mesh.unreachable(nobody, is_expected=False).level is Level.WARN
    assert mesh.unreachable(nobody, is_expected=True).code is ExitCode.UNREACHABLE
    assert mesh.unreachable(FabricError("x"), is_expected=False).level is Level.FAIL


def test_an_orchestrator_of_another_version_is_worth_knowing() -> None:
    assert mesh.orchestrator(STATUS | {"version": __version__}).level is Level.OK
    assert mesh.orchestrator(STATUS | {"version": "99"}).level is Level.WARN


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, None),
        ({"heard_s_ago": 7.0}, "was last heard 7.0 s ago"),
        ({"vitals": {"stuck_slots": 2}}, "2 slots are held by handlers that do not stop"),
        ({"health_score": 0.1}, "is not well (health 0.10 of 1)"),
        ({"in_contact": False}, "no ping of kitchen arrives"),
        ({"in_contact": False, "joined_s_ago": 3.0}, None),
        ({"in_contact": False, "metadata": {}}, None),  # it lives in the orchestrator's process
    ],
)
def test_nodes_that_are_not_well(change: dict[str, object], words: str | None) -> None:
    said = [finding.sentence for finding in mesh.node_findings(WELL | change)]

    assert said == ([] if words is None else [said[0]])
    assert words is None or words in said[0]


def test_a_mesh_without_active_nodes_is_worth_knowing() -> None:
    assert mesh.nodes_at_all([WELL | {"status": "draining"}]).level is Level.WARN
    assert mesh.nodes_at_all([WELL]).sentence == "1 node takes tasks, 4 slots"


def test_a_task_from_the_future_shows_that_clocks_differ() -> None:
    assert mesh.clock_finding(TASK, now=99.5).level is Level.OK
    assert "5.0 s in the future" in mesh.clock_finding(TASK, now=95.0).sentence


# -- the command -----------------------------------------------------------------------------------


def test_the_report_for_programs(run: Run, client: FakeClient) -> None:
    client.answers |= {
        "status": STATUS | {"version": __version__, "blocked": []},
        "nodes": [WELL],
        "tasks": [],
    }

    result = run("doctor", "--json", "--connect", "tcp/pi:1")

    said = json.loads(result.stdout)
    by_subject = {finding["subject"]: finding["level"] for finding in said["findings"]}
    assert result.stderr == ""
    assert set(by_subject) >= {"python", "packages", "settings", "data", "disk", "port", "mesh"}
    assert by_subject["mesh"] == by_subject["nodes"] == "ok"
    assert said["ok"] == (result.exit_code == 0)


def test_the_report_for_people_says_what_to_do(run: Run, client: FakeClient) -> None:
    client.answers["open"] = MeshUnreachable("nobody answers at tcp/pi:1")

    result = run("doctor", "--connect", "tcp/pi:1")

    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "fail mesh nobody answers at tcp/pi:1" in lines
    assert any(line.startswith("→ see that it runs") for line in lines)


def test_wrong_settings_end_the_examination(run: Run, client: FakeClient) -> None:
    Path("cogmesh.toml").write_text("[dispatch]\nageing_s = 0\n")

    result = run("doctor")

    assert result.exit_code == ExitCode.WRONG_USAGE
    assert "dispatch.ageing_s" in result.stdout
    assert "mesh" not in [line.split()[1] for line in result.stdout.splitlines() if line.split()]
