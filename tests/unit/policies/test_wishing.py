from typing import Any

import pytest

from cognitive_architecture.distributed_mesh.model import DistributedTask, Wishes
from cognitive_architecture.distributed_mesh.policies.admission import specify
from cognitive_architecture.foundation.errors import InvalidTask


def specified(**fields: Any) -> Any:
    task = DistributedTask(task_id="t", task_type="echo", **fields)
    return specify(task, requester="ann", payload_bytes_max=1000)


def test_equal_wishes_are_equal_in_whatever_order() -> None:
    one = specified(requirements=["a", "b", "a"], preferences={"x": 1, "y": 2.0})
    other = specified(requirements=("b", "a"), preferences={"y": 2.0, "x": 1})
    assert one.options.wishes == other.options.wishes
    assert one.options.wishes == Wishes(("a", "b"), (("x", 1), ("y", 2.0)))


def test_one_requirement_may_be_written_alone() -> None:
    assert specified(requirements="gpu == 'x'").options.wishes.requirements == ("gpu == 'x'",)


def test_a_task_without_any_travels_without() -> None:
    assert specified().options is None


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"requirements": ["a >"]}, "^requirements: 'a >', at its end: a value is expected here"),
        ({"requirements": 3}, "^requirements: a list of expressions, not 3"),
        ({"requirements": [3]}, "^requirements: a list of expressions, not \\[3\\]"),
        ({"requirements": [f"a{n}" for n in range(17)]}, "^at most 16 requirements and 16"),
        ({"preferences": ["a"]}, "^preferences: expressions and weights, not \\['a'\\]"),
        ({"preferences": {"a": 0}}, "^preferences: the weight of 'a' is more than 0 and at most"),
        ({"preferences": {"a": True}}, "^preferences: the weight of 'a' is no number"),
        ({"preferences": {"a": float("inf")}}, "^preferences: the weight of 'a' is more than 0"),
        ({"preferences": {"a &": 1}}, "^preferences: 'a &', at character 3, before '&'"),
        ({"pattern": "(Inheritance"}, "^pattern: line 1, column"),
        ({"pattern": '(Concept "a") (Concept "b")'}, "^pattern: one pattern, not 2"),
        ({"pattern": 7}, "^pattern: a text in Scheme notation, not 7"),
        ({"pattern": "x" * 2001}, "^pattern: at most 2,000 characters, not 2,001"),
        ({"atoms": '(Concept "a")'}, "^atoms: nothing looks at them without a pattern"),
        ({"pattern": '(Concept "a")', "atoms": "(Concept"}, "^atoms: line 1, column"),
        ({"labels": "x"}, "^labels: keys and texts, not 'x'"),
        ({"labels": {"a b": "x"}}, "^labels: a key is 1 to 64 letters"),
        ({"labels": {"a": 3}}, "^labels: a: a text of at most 200 characters, not 3"),
        ({"labels": {f"a{n}": "" for n in range(17)}}, "^labels: at most 16, not 17"),
        ({"affinity": ""}, "^affinity: 1 to 200 characters, not ''"),
    ],
)
def test_what_is_wished_wrongly_is_refused(fields: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidTask, match=why):
        specified(**fields)
