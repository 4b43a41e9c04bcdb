from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from cognitive_architecture.foundation.logs import configure_logs
from cognitive_architecture.foundation.settings import LogSettings


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_people_get_a_short_line_without_what_is_not_known() -> None:
    stream = io.StringIO()
    configure_logs(LogSettings(), stream=stream)

    structlog.get_logger().info("node_joined", node="kitchen", task=None, why="")

    _time, *words = stream.getvalue().split()
    assert words == ["node", "joined", "node=kitchen"]


def test_a_value_with_spaces_is_quoted() -> None:
    stream = io.StringIO()
    configure_logs(LogSettings(), stream=stream)

    structlog.get_logger().warning("node_lost", why="its link is gone")

    assert 'warning node lost why="its link is gone"\n' in stream.getvalue()


def test_what_is_less_important_than_the_level_is_not_written() -> None:
    stream = io.StringIO()
    configure_logs(LogSettings(level="warning"), stream=stream)

    structlog.get_logger().info("node_joined")

    assert stream.getvalue() == ""


def test_colours_are_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    written = {}
    for name, stream in {"terminal": Terminal(), "pipe": io.StringIO()}.items():
        configure_logs(LogSettings(), stream=stream)
        structlog.get_logger().error("node_lost", node="kitchen")
        written[name] = stream.getvalue()

    assert "\x1b[" in written["terminal"]
    assert "\x1b[" not in written["pipe"]


def test_no_colour_on_a_terminal_whose_owner_wants_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    configure_logs(LogSettings(), stream=stream)

    structlog.get_logger().error("node_lost", node="kitchen")

    assert "\x1b[" not in stream.getvalue()


def test_a_process_with_a_name_says_it_on_every_line() -> None:
    stream = io.StringIO()
    configure_logs(LogSettings(), name="node-1", stream=stream)

    structlog.get_logger().info("result_refused")

    assert stream.getvalue().startswith("node-1 │ ")


def test_programs_get_one_object_a_line() -> None:
    stream = io.StringIO()
    configure_logs(LogSettings(as_json=True), name="node-1", stream=stream)

    structlog.get_logger().info("node_joined", node="kitchen", task=None)
    structlog.get_logger().warning("two\nlines", path=io)

    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert first.pop("at").endswith("Z")
    assert first == {
        "level": "info",
        "event": "node_joined",
        "process": "node-1",
        "node": "kitchen",
    }
    assert second["event"] == "two\nlines"


def test_an_exception_comes_with_its_traceback() -> None:
    for as_json in (False, True):
        stream = io.StringIO()
        configure_logs(LogSettings(as_json=as_json), stream=stream)
        try:
            int("no")
        except ValueError:
            structlog.get_logger().exception("failed")
        assert "ValueError: invalid literal" in stream.getvalue()
        assert "Traceback" in stream.getvalue()


def test_libraries_with_pythons_own_logging_look_the_same() -> None:
    stream = io.StringIO()
    configure_logs(LogSettings(as_json=True), stream=stream)

    logging.getLogger("asyncio").warning("%s was slow", "it")
    logging.getLogger("alembic").info("of no interest")

    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["event"] == "it was slow"
