from typing import Any

import pytest

from cognitive_architecture.distributed_mesh.model import TaskOptions, TaskSpec
from cognitive_architecture.distributed_mesh.policies.attributes import (
    ATTRIBUTES_MAX,
    declaration_of,
    task_attributes,
)
from cognitive_architecture.foundation.errors import ConfigurationError


def declared(**metadata: Any) -> Any:
    return declaration_of("n1", "agent", {"llm", "echo"}, metadata)


def test_a_node_has_what_it_declares_what_is_measured_and_what_it_is() -> None:
    said = declared(
        machine={"memory_bytes": 8, "os": "linux"},
        attributes={"gpu": "rtx", "quiet": True, "models": ["a", "b"], "memory_bytes": 4.5},
        labels={"zone": "cellar"},
        versions={"llm": "1.2"},
        room="kitchen",
    )
    assert said.attributes == {
        "id": "n1",
        "type": "agent",
        "capabilities": ("echo", "llm"),
        "memory_bytes": 4.5,
        "os": "linux",
        "gpu": "rtx",
        "quiet": True,
        "models": ("a", "b"),
        "labels.zone": "cellar",
        "versions.llm": "1.2",
    }
    assert (said.rules, said.atoms) == ((), None)


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        ({"attributes": ["a"]}, "^attributes: names and what they are, not \\['a'\\]"),
        ({"attributes": {"a b": 1}}, "^attributes: a name is 1 to 64 letters"),
        ({"attributes": {"id": "x"}}, "^attributes: a name is .* none of capabilities, id"),
        ({"attributes": {"a": None}}, "^attributes.a: true or false, a number, a text"),
        ({"attributes": {"a": [1, "x"]}}, "^attributes.a: true or false"),
        ({"attributes": {"a": [[1]]}}, "^attributes.a: true or false"),
        ({"attributes": {"a": [True]}}, "^attributes.a: true or false"),
        ({"attributes": {"a": 10**400}}, "^attributes.a: a number that is finite"),
        ({"attributes": {"a": "x" * 201}}, "^attributes.a: a text of at most 200"),
        ({"attributes": {"a": ["x"] * 257}}, "^attributes.a: at most 256 in a list"),
        ({"labels": {"a": 1}}, "^labels.a: a text of at most 200 characters, not 1"),
        ({"labels": {f"k{n}": "" for n in range(ATTRIBUTES_MAX)}}, "^attributes: a node has at"),
        ({"atoms": 3}, "^atoms: a text in Scheme notation, not 3"),
        ({"atoms": "(Inheritance (Concept"}, "^atoms: line 1, column"),
        ({"atoms": "(Concept 'cat')"}, "^atoms: line 1, column"),
        ({"atoms": " ".join(f'(Concept "c{n}")' for n in range(501))}, "^atoms: at most 500 atoms"),
        ({"atoms": "x" * 16_385}, "^atoms: at most 16,384 characters, not 16,385"),
        ({"rules": "priority > 3"}, "^rules: a list of at most 16 expressions"),
        ({"rules": ["priority >"]}, "^rule 1: 'priority >', at its end: a value is expected"),
        ({"rules": ["gpu == 3"]}, "^rule 1: a task has no gpu; it has capabilities, priority"),
        ({"rules": [7]}, "^rule 1: an expression, not 7"),
    ],
)
def test_what_is_said_wrongly_is_refused(metadata: dict[str, Any], why: str) -> None:
    with pytest.raises(ConfigurationError, match=why):
        declared(**metadata)


def test_a_task_has_what_it_says() -> None:
    spec = TaskSpec("t", "echo", b"\x80", 7, options=TaskOptions(labels=(("team", "a"),)))
    assert task_attributes(spec) == {
        "task_type": "echo",
        "priority": 7.0,
        "capabilities": (),
        "labels.team": "a",
    }
    assert task_attributes(TaskSpec("t", "echo", b"\x80", requester="ann"))["requester"] == "ann"
