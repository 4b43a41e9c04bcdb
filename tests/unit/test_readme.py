"""What the documents tell a reader to type exists as it is written."""

from __future__ import annotations

import ast
import importlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from cognitive_architecture.cli.app import app
from cognitive_architecture.cli.outcomes import ExitCode

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
README = DOCUMENTS[0].read_text("utf-8")
EXAMPLE_FILES = sorted((ROOT / "examples").glob("*.py"))

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def snippets(language: str) -> list[tuple[str, str]]:
    """Every snippet in a language, with the document it stands in."""
    return [
        (document.name, body)
        for document in DOCUMENTS
        for found, body in _FENCE.findall(document.read_text("utf-8"))
        if found == language
    ]


def commands(program: str) -> Iterator[list[str]]:
    """The words after ``program``, wherever a line of a shell snippet runs it."""
    for _, body in snippets("sh"):
        for line in body.replace("\\\n", " ").splitlines():
            words = shlex.shlex(line, posix=True, punctuation_chars=True)
            words.whitespace_split = True
            command: list[str] = []
            for word in [*words, ";"]:
                if set(word) <= set("|&;<>()"):
                    if command[:1] == [program]:
                        yield command[1:]
                    command = []
                else:
                    command.append(word)


def of_the_docstring(example: Path) -> list[list[str]]:
    """The command lines that an example shows in its docstring."""
    text = ast.get_docstring(ast.parse(example.read_text("utf-8"))) or ""
    shown = [line.strip() for line in text.splitlines() if line.startswith("    cogmesh ")]
    return [shlex.split(re.split(r" {3,}", line)[0])[1:] for line in shown]


def parse(words: list[str]) -> None:
    """Let typer read a command line without running it; raises what it would complain about."""
    group = get_command(app)
    with group.make_context("cogmesh", list(words[:1]), resilient_parsing=True) as context:
        name, command, _ = group.resolve_command(context, list(words))  # type: ignore[attr-defined]
        assert command is not None, f"there is no command {words[0]}"
        command.make_context(name, list(words[1:]), parent=context)


@pytest.mark.parametrize("words", list(commands("cogmesh")), ids=" ".join)
def test_every_command_line_of_the_documents_parses(words: list[str]) -> None:
    parse(words)


@pytest.mark.parametrize(
    "words",
    [words for example in EXAMPLE_FILES for words in of_the_docstring(example)],
    ids=" ".join,
)
def test_every_command_line_of_the_examples_parses(words: list[str]) -> None:
    parse(words)


def test_a_command_line_that_does_not_exist_would_be_noticed() -> None:
    for words in (["sumbit"], ["submit", "x", "--no-such-flag"], ["submit"]):
        with pytest.raises(Exception, match=r"(?i)no such|missing|no command"):
            parse(words)


@pytest.mark.parametrize(("document", "body"), snippets("python"))
def test_every_python_snippet_compiles_and_imports_what_there_is(document: str, body: str) -> None:
    tree = ast.parse(body, filename=document)

    compile(tree, document, "exec")
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                importlib.import_module(name.name)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            module = importlib.import_module(node.module)
            for name in node.names:
                assert hasattr(module, name.name), f"{node.module} has no {name.name}"


def test_every_target_of_make_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = {words[0] for words in commands("make")}

    assert targets == {"run", "test", "soak"}
    for target in targets | set(re.findall(r"`make (\w+)", README)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"make {target}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    links = [link for link in _LINK.findall(document.read_text("utf-8")) if "://" not in link]

    for link in links:
        assert (document.parent / link).exists(), f"{link} in {document.name}"


def test_the_readme_names_every_exit_code() -> None:
    (told,) = re.findall(r"\*\*Exit codes:\*\* (.*?)\n\n", README, re.DOTALL)
    numbers = {int(number) for number in re.findall(r"(?:^|· )(\d+) ", " ".join(told.split()))}

    assert numbers == {int(code) for code in ExitCode}
