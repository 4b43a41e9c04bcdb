from typing import Any

from cognitive_architecture.distributed_mesh.model import Attempt, DistributedTask, TaskStatus
from cognitive_architecture.distributed_mesh.views import task_from_json, task_to_json


def a_view(**fields: Any) -> DistributedTask:
    attempt = Attempt(1, "n1", "failed", "boom", 1.0, 2.0)
    return DistributedTask(
        "a", "echo", required_capabilities=frozenset({"gpu"}), attempts=[attempt], **fields
    )


def test_a_task_and_its_json_are_inverses() -> None:
    view = a_view(payload={"x": [1]}, status=TaskStatus.COMPLETED, result={"y": None})
    assert task_from_json(task_to_json(view)) == view


def test_a_list_of_tasks_leaves_their_data_out() -> None:
    said = task_to_json(a_view(payload={"x": 1}), with_data=False)
    assert "payload" not in said
    assert "result" not in said


def test_a_payload_as_deep_as_is_allowed_can_be_shown() -> None:
    deep: dict[str, Any] = {}
    for _ in range(499):
        deep = {"a": deep}
    assert task_to_json(a_view(payload=deep))["payload"] is deep
