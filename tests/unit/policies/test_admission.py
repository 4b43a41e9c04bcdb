import enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.frames import decode_frame, encode_frame
from cognitive_architecture.distributed_mesh.messages import Submit
from cognitive_architecture.distributed_mesh.model import DistributedTask, TaskOptions, TaskSpec
from cognitive_architecture.distributed_mesh.policies.admission import (
    CAPABILITIES_MAX,
    inadmissible,
    is_ordinary,
    specify,
    which_are_ordinary,
)
from cognitive_architecture.foundation.errors import (
    InvalidPayload,
    InvalidTask,
    MeshError,
    PayloadTooLarge,
)
from tests.support.builders import a_spec

ROOM = 1024
LONG = "x" * 201


class Name(str):
    __slots__ = ()


class Kind(enum.StrEnum):
    ECHO = "echo"


def a_task(**fields: Any) -> DistributedTask:
    return DistributedTask(**{"task_id": "a", "task_type": "echo", "payload": {}} | fields)


def specified(**fields: Any) -> TaskSpec:
    return specify(a_task(**fields), requester=None, payload_bytes_max=ROOM)


def refusal(**fields: Any) -> str:
    with pytest.raises(InvalidTask) as refused:
        specified(**fields)
    return str(refused.value)


WRONG = [
    ("task_id", "", "task_id: 1 to 200 characters, not ''"),
    ("task_id", LONG, "task_id: 1 to 200 characters, not '" + "x" * 58 + "…"),
    ("task_id", 5, "task_id: 1 to 200 characters, not 5"),
    ("task_id", None, "task_id: 1 to 200 characters, not None"),
    ("task_type", "", "task_type: the name of a capability, not ''"),
    ("task_type", None, "task_type: the name of a capability, not None"),
    ("task_type", LONG, "task_type: the name of a capability, not '" + "x" * 58 + "…"),
    ("priority", 0, "priority: an integer from 1 to 10 (10 most urgent), not 0"),
    ("priority", 11, "priority: an integer from 1 to 10 (10 most urgent), not 11"),
    ("priority", 5.0, "priority: an integer from 1 to 10 (10 most urgent), not 5.0"),
    ("priority", True, "priority: an integer from 1 to 10 (10 most urgent), not True"),
    ("priority", "5", "priority: an integer from 1 to 10 (10 most urgent), not '5'"),
    ("priority", None, "priority: an integer from 1 to 10 (10 most urgent), not None"),
    ("timeout", 0, "timeout: seconds, more than 0 and at most 2,592,000, not 0"),
    ("timeout", -1.0, "timeout: seconds, more than 0 and at most 2,592,000, not -1.0"),
    (
        "timeout",
        2_592_001,
        "timeout: seconds, more than 0 and at most 2,592,000, not 2592001",
    ),
    (
        "timeout",
        float("nan"),
        "timeout: seconds, more than 0 and at most 2,592,000, not nan",
    ),
    (
        "timeout",
        float("inf"),
        "timeout: seconds, more than 0 and at most 2,592,000, not inf",
    ),
    ("timeout", True, "timeout: seconds, more than 0 and at most 2,592,000, not True"),
    ("timeout", None, "timeout: seconds, more than 0 and at most 2,592,000, not None"),
    ("requester_node", 5, "requester_node: a name, not 5"),
    ("requester_node", LONG, "requester_node: a name, not '" + "x" * 58 + "…"),
    (
        "required_capabilities",
        {"gpu", ""},
        "required_capabilities: names are required, not ('', 'gpu')",
    ),
    (
        "required_capabilities",
        {None},
        "required_capabilities: names are required, not (None,)",
    ),
    ("idempotency_key", "", "idempotency_key: 1 to 200 characters, not ''"),
    ("idempotency_key", 5, "idempotency_key: 1 to 200 characters, not 5"),
    ("max_attempts", 0, "max_attempts: an integer from 1 to 1000, not 0"),
    ("max_attempts", 1001, "max_attempts: an integer from 1 to 1000, not 1001"),
    ("max_attempts", 2.5, "max_attempts: an integer from 1 to 1000, not 2.5"),
    ("max_attempts", True, "max_attempts: an integer from 1 to 1000, not True"),
    ("backoff_s", -0.1, "backoff_s: seconds, 0 to 86,400, not -0.1"),
    ("backoff_s", 86_401, "backoff_s: seconds, 0 to 86,400, not 86401"),
    ("backoff_s", float("nan"), "backoff_s: seconds, 0 to 86,400, not nan"),
    ("backoff_s", "1", "backoff_s: seconds, 0 to 86,400, not '1'"),
    ("backoff_s", None, "backoff_s: seconds, 0 to 86,400, not None"),
    ("backoff_s", True, "backoff_s: seconds, 0 to 86,400, not True"),
]


class TestRefusals:
    @pytest.mark.parametrize(
        ("field", "value", "sentence"), WRONG, ids=[f"{f} {n}" for n, (f, _, _) in enumerate(WRONG)]
    )
    def test_name_the_field_what_is_allowed_and_what_came(
        self, field: str, value: object, sentence: str
    ) -> None:
        assert refusal(**{field: value}) == sentence

    def test_a_payload_that_is_no_object(self) -> None:
        with pytest.raises(InvalidPayload, match=r"^payload: a JSON object \(dict\) is required"):
            specified(payload=[1])

    def test_a_payload_that_is_too_large(self) -> None:
        with pytest.raises(PayloadTooLarge, match=r"^payload: 2,006 bytes, at most 1,024"):
            specified(payload={"x": "y" * 2000})

    @pytest.mark.parametrize("value", [10**5000, -(10**5000)], ids=["large", "small"])
    def test_a_number_too_long_to_be_shown(self, value: int) -> None:
        assert refusal(priority=value).startswith("priority: an integer from 1 to 10")

    def test_capabilities_of_several_kinds(self) -> None:
        assert refusal(required_capabilities={"gpu", 5}).startswith("required_capabilities: ")

    @pytest.mark.parametrize("value", ["gpu", b"gpu", {"gpu": 1}, 5, [["gpu"]]], ids=repr)
    def test_capabilities_that_are_no_set_of_names(self, value: object) -> None:
        said = refusal(required_capabilities=value)
        assert said == f"required_capabilities: a set of names, not {value!r}"

    def test_an_object_that_cannot_be_shown(self) -> None:
        class Broken:
            def __repr__(self) -> str:
                raise ZeroDivisionError

        assert refusal(task_type=Broken()) == (
            "task_type: the name of a capability, "
            "not a Broken whose repr() raises ZeroDivisionError"
        )


class TestWhatIsAdmittedTravels:
    """A frame that cannot be encoded or decoded takes every other message in it with it."""

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("task_id", "ä/b c\n\t\x00'"),
            ("task_type", "text_processing"),
            ("requester_node", "client ann"),
            ("idempotency_key", "k" * 200),
            ("required_capabilities", {"gpu", "disk"}),
            ("max_attempts", 1000),
            ("backoff_s", 0),
            ("backoff_s", 86_400),
            ("timeout", 1),
            ("timeout", 2_592_000),
            ("wait_for_node", True),
        ],
    )
    def test_whatever_is_allowed_comes_out_as_it_went_in(self, field: str, value: object) -> None:
        said = Submit(1, [specified(**{field: value})])
        assert decode_frame(encode_frame("x", [said])) == ("x", [said])

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("task_id", "\ud800"),
            ("task_type", "\ud800"),
            ("requester_node", "\ud800"),
            ("idempotency_key", "\ud800"),
            ("required_capabilities", {"\ud800"}),
            ("wait_for_node", 0),
            ("wait_for_node", 1),
            ("wait_for_node", "yes"),
            ("wait_for_node", None),
        ],
    )
    def test_whatever_does_not_travel_is_refused(self, field: str, value: object) -> None:
        assert refusal(**{field: value}).startswith(field)

    @pytest.mark.parametrize("name", [Name("echo"), Kind.ECHO])
    def test_a_name_of_another_class_is_made_plain(self, name: str) -> None:
        spec = specified(
            task_id=name,
            task_type=name,
            requester_node=name,
            idempotency_key=name,
            required_capabilities={name},
        )
        names = (spec.task_id, spec.task_type, spec.requester, spec.rare.idempotency_key)
        assert [(type(text), text) for text in (*names, *spec.rare.capabilities)] == [
            (str, "echo")
        ] * 5
        assert decode_frame(encode_frame("x", [Submit(1, [spec])])) == ("x", [Submit(1, [spec])])


class TestSpecify:
    def test_a_plain_task_travels_without_options(self) -> None:
        assert specified() == TaskSpec("a", "echo", b"\x80", 5, 300.0, None, None)

    @pytest.mark.parametrize(
        ("field", "value", "options"),
        [
            ("required_capabilities", {"gpu", "disk"}, TaskOptions(("disk", "gpu"))),
            ("idempotency_key", "k", TaskOptions(idempotency_key="k")),
            ("max_attempts", 1, TaskOptions(max_attempts=1)),
            ("backoff_s", 0.0, TaskOptions(backoff_s=0.0)),
            ("wait_for_node", True, TaskOptions(wait_for_node=True)),
        ],
    )
    def test_a_rare_wish_makes_options(
        self, field: str, value: object, options: TaskOptions
    ) -> None:
        assert specified(**{field: value}).options == options

    def test_capabilities_are_sorted_and_each_is_there_once(self) -> None:
        for names in (["gpu", "disk", "gpu"], ("disk", "gpu"), {"gpu", "disk"}):
            assert specified(required_capabilities=names).rare.capabilities == ("disk", "gpu")

    def test_no_capabilities_in_any_form_are_none(self) -> None:
        nothings: list[object] = [None, (), set(), ""]
        for nothing in nothings:
            spec = specified(required_capabilities=nothing, max_attempts=1)
            assert spec.rare.capabilities == ()

    def test_who_asks_is_the_requester_unless_the_task_says_otherwise(self) -> None:
        asked = specify(a_task(), requester="ann", payload_bytes_max=ROOM)
        said = specify(a_task(requester_node="bob"), requester="ann", payload_bytes_max=ROOM)
        assert (asked.requester, said.requester) == ("ann", "bob")

    def test_what_the_mesh_answers_is_ignored(self) -> None:
        assert specified(status="completed", result=5, error="boom") == specified()

    def test_the_task_is_not_changed(self) -> None:
        task = a_task(payload={"x": 1})
        specify(task, requester="ann", payload_bytes_max=ROOM)
        assert task == a_task(payload={"x": 1})


class TestInadmissible:
    """What the orchestrator, who trusts nobody, asks of a task that has come over the network."""

    @pytest.mark.parametrize(
        "spec",
        [
            a_spec(),
            a_spec(priority=1),
            a_spec(priority=10, timeout_s=0.001, requester="ann", payload=b"\x81\xa1x\x01"),
            a_spec(capabilities=("gpu",), key="k", max_attempts=1000, backoff_s=0.0),
        ],
    )
    def test_there_is_nothing_against_a_good_task(self, spec: TaskSpec) -> None:
        assert inadmissible(spec, payload_bytes_max=ROOM) is None

    @pytest.mark.parametrize(
        ("spec", "kind", "sentence"),
        [
            (a_spec(payload=b""), InvalidPayload, "payload: a JSON object is required"),
            (a_spec(payload=b"\x91\x01"), InvalidPayload, "payload: a JSON object is required"),
            (a_spec(payload=b"\xa1x"), InvalidPayload, "payload: a JSON object is required"),
            (
                a_spec(payload=b"\x81\xa1x\xc5\x04\x00" + b"y" * 1024),
                PayloadTooLarge,
                "payload: 1,030 bytes, at most 1,024 are allowed",
            ),
            (a_spec(requester=""), InvalidTask, "requester_node: a name, not ''"),
            (a_spec(""), InvalidTask, "task_id: 1 to 200 characters, not ''"),
            (
                a_spec(priority=-(2**63)),
                InvalidTask,
                "priority: an integer from 1 to 10 (10 most urgent), not -9223372036854775808",
            ),
            (
                a_spec(backoff_s=float("inf")),
                InvalidTask,
                "backoff_s: seconds, 0 to 86,400, not inf",
            ),
        ],
    )
    def test_everything_is_asked_again(
        self, spec: TaskSpec, kind: type[MeshError], sentence: str
    ) -> None:
        refused = inadmissible(spec, payload_bytes_max=ROOM)
        assert type(refused) is kind
        assert str(refused) == sentence

    def test_a_task_may_not_ask_for_any_number_of_capabilities(self) -> None:
        names = tuple(f"c{number}" for number in range(CAPABILITIES_MAX + 1))
        refused = inadmissible(a_spec(capabilities=names), payload_bytes_max=ROOM)
        assert str(refused).startswith("required_capabilities: at most 32 names, not 33; ")
        assert inadmissible(a_spec(capabilities=names[1:]), payload_bytes_max=ROOM) is None


@given(
    specs=st.lists(
        st.builds(
            TaskSpec,
            task_id=st.sampled_from(["a", "b", "", LONG, "ä", 5]),
            task_type=st.sampled_from(["echo", "sum", "", None]),
            payload=st.sampled_from([b"\x80", b"\x81\xa1n\x01", b"", b"\xc0", b"\x80" * 99]),
            priority=st.sampled_from([1, True, 1.0, 5, 11]),
            timeout_s=st.sampled_from([1.0, 1, True, 300.0, -1.0]),
            requester=st.sampled_from([None, "me", "", 7]),
            options=st.sampled_from([None, None, TaskOptions()]),
        ),
        max_size=6,
    )
)
def test_what_comes_together_is_judged_as_if_each_came_alone(specs: list[TaskSpec]) -> None:
    found = which_are_ordinary(specs, 50)
    assert found == [is_ordinary(spec, 50) for spec in specs]
    for spec, ordinary in zip(specs, found, strict=True):
        if ordinary:
            assert inadmissible(spec, payload_bytes_max=50) is None
