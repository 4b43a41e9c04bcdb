from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cognitive_architecture.distributed_mesh.handlers import HandlerKind, handles
from cognitive_architecture.distributed_mesh.node.loading import (
    by_capability,
    load_handlers,
    load_source,
)
from cognitive_architecture.foundation.errors import HandlersFileError

Write = Callable[..., str]

IMPORT = "from cognitive_architecture.distributed_mesh.handlers import handles\n"
ECHO = (
    IMPORT
    + "@handles('echo')\nasync def echo(payload, task):\n    '''Say it again.\n\n    Twice.'''\n"
)


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Writes a handlers file; what loading it changes is undone."""
    monkeypatch.setattr(sys, "path", sys.path[:])
    before = set(sys.modules)

    def written(text: str, name: str = "loaded_by_a_test.py") -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        return str(path)

    yield written
    for name in set(sys.modules) - before:
        del sys.modules[name]


def refusal(source: str) -> str:
    with pytest.raises(HandlersFileError) as refused:
        load_handlers(source)
    return str(refused.value)


class TestFiles:
    def test_give_their_handlers(self, write: Write) -> None:
        text = ECHO + "@handles('sum', process=True)\ndef add(payload):\n    return 1\n"
        echo, add = load_handlers(write(text))
        assert (echo.capability, echo.kind, echo.description) == (
            "echo",
            HandlerKind.COROUTINE,
            "Say it again.",
        )
        assert (add.capability, add.kind, add.description) == ("sum", HandlerKind.PROCESS, "")

    def test_may_import_their_neighbours(self, write: Write, tmp_path: Path) -> None:
        (tmp_path / "neighbour_of_a_test.py").write_text("NAME = 'from-next-door'\n")
        text = (
            IMPORT
            + "import neighbour_of_a_test\n"
            + "@handles(neighbour_of_a_test.NAME)\ndef work(payload, task): ...\n"
        )
        assert [handler.capability for handler in load_handlers(write(text))] == ["from-next-door"]

    def test_can_be_loaded_twice(self, write: Write) -> None:
        source = write(ECHO)
        assert [handler.capability for handler in load_handlers(source)] == ["echo"]
        assert [handler.capability for handler in load_handlers(source)] == ["echo"]

    def test_that_are_not_there(self, tmp_path: Path) -> None:
        assert refusal(f"{tmp_path}/no.py") == f"{tmp_path}/no.py: there is no such file"
        (tmp_path / "folder.py").mkdir()
        assert refusal(f"{tmp_path}/folder.py") == f"{tmp_path}/folder.py: there is no such file"

    def test_without_handlers(self, write: Write) -> None:
        source = write("def echo(payload, task): ...\n")
        assert refusal(source) == (
            f"{source} declares no handler: put @handles('name-of-capability') before a function "
            "that takes (payload, task)"
        )

    def test_with_a_mistake_in_their_syntax(self, write: Write) -> None:
        source = write(ECHO + "def wrong(:\n")
        assert refusal(source) == f"{source}: line 7: invalid syntax"

    def test_with_a_mistake_in_a_neighbours_syntax(self, write: Write, tmp_path: Path) -> None:
        neighbour = tmp_path / "broken_neighbour_of_a_test.py"
        neighbour.write_text("\n\nx = = 1\n")
        source = write("import broken_neighbour_of_a_test\n")
        assert refusal(source) == f"{source}: {neighbour}, line 3: invalid syntax"

    def test_that_are_no_text(self, write: Write) -> None:
        source = write("x = '\udcff\udcfe'\n")
        assert refusal(source).startswith(f"{source}: ")
        assert "'utf-8' codec can't decode" in refusal(source)
        source = write("x = '\0'\n", "null_bytes_of_a_test.py")
        assert refusal(source) == f"{source}: source code string cannot contain null bytes"

    def test_that_need_what_is_not_installed(self, write: Write) -> None:
        source = write("import no_such_module_anywhere.at_all\n")
        assert refusal(source) == (
            f"{source}: there is no module 'no_such_module_anywhere'; install it, or check the "
            "spelling"
        )

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("1 / 0", "ZeroDivisionError: division by zero"),
            ("raise SystemExit(3)", "SystemExit: 3"),
            ("raise ValueError('half: \\ud83d')", "ValueError: half: \\ud83d"),
            ("from math import no_such", "ImportError: cannot import name 'no_such' from 'math'"),
        ],
    )
    def test_that_raise(self, write: Write, line: str, said: str) -> None:
        source = write(line + "\n")
        assert refusal(source).startswith(f"{source}: loading it raised {said}")
        assert Path(source).stem not in sys.modules

    def test_with_a_wrong_declaration(self, write: Write) -> None:
        source = write(IMPORT + "@handles('two words')\ndef work(payload, task): ...\n")
        assert refusal(source).startswith(f"{source}: capability 'two words': use letters")

    def test_that_would_hide_a_module(self, write: Write) -> None:
        source = write(ECHO, "json.py")
        assert refusal(source) == (
            f"{source}: a module named 'json' is loaded already; give the file another name"
        )
        assert sys.modules["json"].loads("[1]") == [1]

    def test_of_one_name_in_two_folders(self, write: Write) -> None:
        load_handlers(write(ECHO, "one/twins_of_a_test.py"))
        other = write(ECHO, "two/twins_of_a_test.py")
        assert "give the file another name" in refusal(other)

    def test_with_values_that_do_not_like_to_be_asked(self, write: Write) -> None:
        text = (
            ECHO
            + "class Proxy:\n"
            + "    def __getattr__(self, name):\n        raise RuntimeError('not now')\n"
            + "proxy = Proxy()\n"
        )
        assert [handler.capability for handler in load_handlers(write(text))] == ["echo"]


class TestSignatures:
    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("async def work(payload): ...", "takes (payload); it must take (payload, task)"),
            ("def work(): ...", "takes (); it must take (payload, task)"),
            (
                "def work(payload, task, more): ...",
                "takes (payload, task, more); it must take (payload, task)",
            ),
            (
                "def work(payload, task, *, more): ...",
                "takes (payload, task, more); it must take (payload, task)",
            ),
        ],
    )
    def test_that_a_node_cannot_call_are_refused(self, write: Write, line: str, said: str) -> None:
        source = write(f"{IMPORT}@handles('work')\n{line}\n")
        assert refusal(source) == f"{source}: the handler of 'work' {said}"

    def test_of_functions_for_a_process(self, write: Write) -> None:
        source = write(f"{IMPORT}@handles('work', process=True)\ndef work(payload, task): ...\n")
        assert refusal(source) == (
            f"{source}: the handler of 'work' takes (payload, task); with process=True it must "
            "take (payload)"
        )

    @pytest.mark.parametrize(
        "line",
        [
            "def work(a, b): ...",
            "def work(*everything): ...",
            "def work(payload, task, more=None, **options): ...",
            "async def work(payload, task):\n    yield 1",
        ],
    )
    def test_that_it_can_call_are_taken(self, write: Write, line: str) -> None:
        (handler,) = load_handlers(write(f"{IMPORT}@handles('work')\n{line}\n"))
        assert handler.capability == "work"


class TestModules:
    def test_give_their_handlers(self) -> None:
        handlers = load_handlers("tests.unit.node.process_handlers")
        assert "where" in [handler.capability for handler in handlers]

    def test_are_found_in_the_current_folder(
        self, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(ECHO, "package_of_a_test/__init__.py")
        write(ECHO, "package_of_a_test/inner.py")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry])
        (handler,) = load_handlers("package_of_a_test.inner")
        assert handler.capability == "echo"

    @pytest.mark.parametrize("name", ["no_such_module_anywhere", "json.no_such"])
    def test_that_are_not_there(self, name: str) -> None:
        assert refusal(name) == (
            f"{name}: there is no module {name!r}; install it, or check the spelling"
        )

    @pytest.mark.parametrize("name", ["", ".relative", "..", "with space"])
    def test_that_have_no_name_of_a_module(self, name: str) -> None:
        assert refusal(name).startswith(f"{name}: ")

    def test_without_handlers(self) -> None:
        assert refusal("json").startswith("json declares no handler: put @handles")

    def test_a_person_who_interrupts_loading_is_obeyed(self, write: Write) -> None:
        source = write("raise KeyboardInterrupt\n")
        with pytest.raises(KeyboardInterrupt):
            load_handlers(source)


class TestCapabilities:
    def test_of_two_functions_with_one_name_are_refused(self) -> None:
        def one(payload: dict[str, Any], task: object) -> None: ...
        def two(payload: dict[str, Any], task: object) -> None: ...

        module = types.SimpleNamespace(one=handles("same")(one), two=handles("same")(two))
        with pytest.raises(HandlersFileError) as refused:
            by_capability(function.__cogmesh_handler__ for function in vars(module).values())
        said = str(refused.value)
        assert said.startswith(
            "capability 'same' is declared twice: by tests.unit.node.test_loading"
        )
        assert said.endswith("<locals>.two")

    def test_of_one_function_named_twice_are_one(self) -> None:
        (where, *_) = load_handlers("tests.unit.node.process_handlers")
        assert by_capability([where, where]) == {where.capability: where}


class TestWhatASourceSaysOfItsNode:
    def test_it_is_its_variable_cogmesh_node(self, write: Write) -> None:
        text = ECHO + "\nCOGMESH_NODE = {'attributes': {'gpu': 'rtx'}, 'rules': ['priority > 3']}\n"
        handlers, said = load_source(write(text))
        assert [handler.capability for handler in handlers] == ["echo"]
        assert said == {"attributes": {"gpu": "rtx"}, "rules": ["priority > 3"]}

    def test_a_handler_may_say_its_version(self, write: Write) -> None:
        (handler,) = load_handlers(write(ECHO.replace("'echo'", "'echo', version='1.2.0'")))
        assert handler.version == "1.2.0"
        with pytest.raises(HandlersFileError, match=r"^version of 'echo': a text, not 7"):
            handles("echo", version=7)  # type: ignore[arg-type]

    def test_without_it_nothing_is_said(self, write: Write) -> None:
        assert load_source(write(ECHO))[1] == {}

    def test_it_must_be_a_dict(self, write: Write) -> None:
        with pytest.raises(HandlersFileError, match="COGMESH_NODE is a dict of what is said"):
            load_source(write(f"{ECHO}\nCOGMESH_NODE = ['gpu']\n"))
