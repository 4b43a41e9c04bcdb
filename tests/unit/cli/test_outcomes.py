from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cognitive_architecture.cli.outcomes import ExitCode, UnknownNode, WrongUsage, exit_code_of
from cognitive_architecture.foundation import errors

from .conftest import FakeClient, Run

EXPECTED = {
    errors.ConfigurationError("x"): ExitCode.WRONG_USAGE,
    errors.InvalidTask("x"): ExitCode.WRONG_USAGE,
    errors.InvalidPayload("x"): ExitCode.WRONG_USAGE,
    errors.HandlersFileError("x"): ExitCode.WRONG_USAGE,
    WrongUsage("x"): ExitCode.WRONG_USAGE,
    errors.UnknownTask("x"): ExitCode.NOT_FOUND,
    UnknownNode("x"): ExitCode.NOT_FOUND,
    errors.UnknownCapability("x"): ExitCode.REFUSED,
    errors.NoCapableNode("x", {}): ExitCode.REFUSED,
    errors.QueueFull("x", 1.0): ExitCode.REFUSED,
    errors.StoreFull("x"): ExitCode.REFUSED,
    errors.RemoteError("x", "y"): ExitCode.REFUSED,
    errors.TaskFailed("x", "y"): ExitCode.UNSUCCESSFUL,
    errors.TaskCancelled("x", "y"): ExitCode.UNSUCCESSFUL,
    errors.StoreLocked("x"): ExitCode.TAKEN,
    errors.StoreNotWritable("x"): ExitCode.TAKEN,
    errors.StoreTooNew("x"): ExitCode.TAKEN,
    errors.EndpointInUse("x"): ExitCode.TAKEN,
    errors.DuplicateNode("x"): ExitCode.TAKEN,
    errors.MeshUnreachable("x"): ExitCode.UNREACHABLE,
    errors.ProtocolMismatch("x", 1, 2): ExitCode.UNREACHABLE,
}


@pytest.mark.parametrize(("error", "code"), EXPECTED.items(), ids=lambda it: type(it).__name__)
def test_exit_codes_of_errors(error: errors.MeshError, code: ExitCode) -> None:
    assert exit_code_of(error) is code


def all_errors(base: type[errors.MeshError] = errors.MeshError) -> Iterator[type[errors.MeshError]]:
    yield base
    for child in base.__subclasses__():
        yield from all_errors(child)


def test_no_error_ends_a_command_as_if_all_were_well() -> None:
    for kind in all_errors():
        assert exit_code_of(kind.__new__(kind)) not in (ExitCode.OK, ExitCode.BUG)


def test_an_error_of_the_mesh_is_a_sentence_and_never_a_traceback(
    run: Run, client: FakeClient
) -> None:
    client.answers["open"] = errors.MeshUnreachable("nobody answers; start one with 'cogmesh up'")

    result = run("status")

    assert result.exit_code == ExitCode.UNREACHABLE
    assert result.stdout == ""
    assert result.stderr == "cogmesh: nobody answers; start one with 'cogmesh up'\n"


def test_with_json_an_error_is_one_object_with_its_facts(run: Run, client: FakeClient) -> None:
    client.answers["open"] = errors.QueueFull("the queue is full", 2.5)

    result = run("status", "--json")

    assert result.exit_code == ExitCode.REFUSED
    assert result.stderr == ""
    assert json.loads(result.stdout) == {
        "error": {
            "code": "queue_full",
            "message": "the queue is full; come back in 2.5 s",
            "retryable": True,
            "details": {"what": "the queue is full", "retry_after_s": 2.5},
        }
    }


def test_wrong_settings_are_a_sentence_each(run: Run, client: FakeClient) -> None:
    Path("cogmesh.toml").write_text("[dispatch]\nageing_s = 0\nagein_s = 3\n")

    result = run("status")

    assert result.exit_code == ExitCode.WRONG_USAGE
    first, second = result.stderr.splitlines()
    assert first.startswith("cogmesh: dispatch.ageing_s: a number of seconds from 1 to 86,400")
    assert second.startswith("cogmesh: dispatch.agein_s: there is no such setting; did you mean")


def test_an_unexpected_error_is_our_bug_and_says_what_to_report(
    run: Run, client: FakeClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    client.answers["open"] = ZeroDivisionError("division by zero")

    result = run("status")

    assert result.exit_code == ExitCode.BUG
    first, second = result.stderr.splitlines()
    assert first == (
        "cogmesh: this is a bug in cogmesh and no mistake of yours: "
        "ZeroDivisionError: division by zero"
    )
    report = Path(re.sub(r".* the file ", "", second))
    assert "Traceback" in report.read_text()


def test_an_interruption_is_no_error(run: Run, client: FakeClient) -> None:
    client.answers["open"] = KeyboardInterrupt()

    result = run("status")

    assert result.exit_code == ExitCode.INTERRUPTED
    assert "Traceback" not in result.stderr
