import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.model import (
    COMMON_OPTIONS,
    Attempt,
    DistributedTask,
    Ending,
    MeshNode,
    MeshNodeType,
    NodeAdvertisement,
    TaskOptions,
    TaskSpec,
    TaskStatus,
)
from tests.support.builders import a_spec, an_attempt, an_ending
from tests.support.examples import quick


class TestTaskStatus:
    @pytest.mark.parametrize(
        ("status", "is_final"),
        [
            (TaskStatus.PENDING, False),
            (TaskStatus.RUNNING, False),
            (TaskStatus.COMPLETED, True),
            (TaskStatus.FAILED, True),
            (TaskStatus.CANCELLED, True),
        ],
    )
    def test_the_last_three_are_final(self, status: TaskStatus, is_final: bool) -> None:
        assert status.is_final is is_final

    def test_is_its_own_word(self) -> None:
        assert [str(status) for status in TaskStatus] == [
            "pending",
            "running",
            "completed",
            "failed",
            "cancelled",
        ]


class TestDefaults:
    def test_a_task_needs_only_its_type(self) -> None:
        task = DistributedTask(task_type="echo")
        assert (task.priority, task.timeout, task.max_attempts, task.backoff_s) == (
            5,
            300.0,
            3,
            0.5,
        )
        assert (task.task_id, task.payload, task.required_capabilities) == ("", {}, frozenset())
        assert (task.status, task.result, task.error) == (TaskStatus.PENDING, None, None)

    def test_two_tasks_share_nothing(self) -> None:
        first, second = DistributedTask(), DistributedTask()
        first.payload["x"] = 1
        first.attempts.append(an_attempt())
        assert (second.payload, second.attempts) == ({}, [])

    def test_two_nodes_share_nothing(self) -> None:
        first, second = MeshNode(), MeshNode()
        first.capabilities.add("echo")
        first.metadata["x"] = 1
        assert (second.capabilities, second.metadata) == (set(), {})

    def test_a_task_without_options_has_the_common_ones(self) -> None:
        assert a_spec().options is None
        assert a_spec().rare is COMMON_OPTIONS

    def test_a_task_with_options_has_its_own(self) -> None:
        assert a_spec(key="k").rare == TaskOptions(idempotency_key="k")


@pytest.mark.parametrize(
    "value",
    [a_spec(), a_spec(capabilities=("gpu",), key="k"), an_ending(), an_attempt(), TaskOptions()],
    ids=lambda value: type(value).__name__,
)
def test_values_that_are_stored_come_out_as_they_went_in(
    value: TaskSpec | Ending | Attempt | TaskOptions,
) -> None:
    encoded = msgspec.msgpack.encode(value)
    assert msgspec.msgpack.decode(encoded, type=type(value)) == value


class TestNodeAdvertisement:
    @given(
        st.builds(
            NodeAdvertisement,
            node_id=st.text(min_size=1),
            node_type=st.sampled_from(MeshNodeType),
            capabilities=st.frozensets(st.text()),
            endpoint=st.text(),
            port=st.integers(0, 65_535),
            load_capacity=st.floats(0, 1e6),
            current_load=st.floats(0, 1e6),
            metadata=st.dictionaries(st.text(), st.integers() | st.text() | st.none()),
            timestamp=st.floats(0, 1e10),
            ttl=st.floats(0, 1e6),
        )
    )
    @quick(200)
    def test_comes_out_as_it_went_in_through_json(self, advert: NodeAdvertisement) -> None:
        said = json.loads(json.dumps(advert.to_dict()))
        assert NodeAdvertisement.from_dict(said) == advert

    def test_says_what_json_can_say(self) -> None:
        advert = NodeAdvertisement("n1", capabilities=frozenset({"sum", "echo"}))
        assert advert.to_dict() == {
            "node_id": "n1",
            "node_type": "agent",
            "capabilities": ["echo", "sum"],
            "endpoint": "",
            "port": 0,
            "load_capacity": 1.0,
            "current_load": 0.0,
            "metadata": {},
            "timestamp": 0.0,
            "ttl": 30.0,
        }

    def test_leaves_aside_what_a_newer_version_says(self) -> None:
        said = NodeAdvertisement("n1").to_dict() | {"region": "eu", "shards": [1, 2]}
        assert NodeAdvertisement.from_dict(said) == NodeAdvertisement("n1")

    def test_only_the_id_is_required(self) -> None:
        assert NodeAdvertisement.from_dict({"node_id": "n1"}) == NodeAdvertisement("n1")

    def test_an_unknown_part_in_the_mesh_is_refused(self) -> None:
        with pytest.raises(ValueError, match="emperor"):
            NodeAdvertisement.from_dict({"node_id": "n1", "node_type": "emperor"})
