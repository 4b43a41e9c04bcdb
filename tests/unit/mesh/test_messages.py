import ast
import inspect
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from cognitive_architecture.distributed_mesh import messages as m
from cognitive_architecture.distributed_mesh.frames import (
    decode_frame,
    encode_frame,
    says_unsupported,
)
from cognitive_architecture.distributed_mesh.messages import (
    PROTOCOL_VERSION,
    Fault,
    Message,
    message_types,
)
from cognitive_architecture.distributed_mesh.model import (
    Change,
    MeshNodeType,
    NodeAdvertisement,
    TaskEvent,
    TaskEventKind,
    TaskOptions,
    TaskSpec,
)
from cognitive_architecture.foundation.errors import ProtocolMismatch, QueueFull
from cognitive_architecture.foundation.remote_errors import from_wire
from tests.support.builders import a_spec, an_assignment, an_ending, completed, failed
from tests.support.examples import quick

FAULT = Fault("queue_full", "full; come back in 1 s", {"what": "full", "retry_after_s": 1.0})
EXAMPLES: list[Message] = [
    m.Submit(1, [a_spec("a"), a_spec("b", capabilities=("gpu",), key="k", requester="ann")], True),
    m.Cancel(2, ["a", "b"]),
    m.Reprioritise(2, Change({"a": 9}, {"echo": 2.0}, {"dragon": -1.5}, {"ann": 0.5, "": 2.0})),
    m.Watch(3, ["a"], True),
    m.Unwatch(["a"]),
    m.Ask(4, "tasks", {"limit": 5, "status": None, "deep": {"list": [1, "two", 3.0, False]}}),
    m.Accepted(1, [(0, FAULT)], [(1, "earlier")], [(2, "waits for a node that offers gpu")]),
    m.Cancelled(2, [True, False]),
    m.Ended([an_ending(1, result=b"\x2a"), an_ending(2, reason="boom")]),
    m.Happened(
        [
            TaskEvent("a", TaskEventKind.ASSIGNED, 1, node_id="n1"),
            TaskEvent("a", TaskEventKind.PROGRESS, 1, fraction=0.5, note="half"),
            TaskEvent("a", TaskEventKind.CHUNK, 1, index=0, chunk=b"\xa1x"),
            TaskEvent("a", TaskEventKind.ENDED, ending=an_ending(1)),
        ]
    ),
    m.NotFound(3, ["a"]),
    m.Answer(4, {"nodes": [{"node_id": "n1", "slots": 2}]}),
    m.Denied(4, FAULT),
    m.NodeHello("n1", "agent", ["echo"], 2, 5, 3, [m.Claim(7, "a")], {"host": "h"}),
    m.Report(1, 4, [completed(7, 42), failed(8), completed(9, chunks=3)]),
    m.HandBack([7, 8], "busy", 6, True),
    m.Progress(7, 0.5, "half"),
    m.Chunk(7, 0, b"\xa1x"),
    m.Checkpoint(7, b"\x03"),
    m.NodeHealth(m.Vitals(0.5, 0.25, 60.0, 1), 5, 3, [7], [8]),
    m.NodeDraining(),
    m.NodeGoodbye(),
    m.Welcome(3),
    m.Introduce(),
    m.NodeRefused(FAULT),
    m.Assign([an_assignment(2**62, task_id="a"), an_assignment(8, task_id="b", priority=10)]),
    m.Stop([(7, "cancelled by request")]),
    m.Kept(1, [(8, "the attempt is over")]),
    m.Heard(7, is_suspect=True),
    m.PleaseDrain(),
    m.Unsupported(2, 1),
    m.Advertise(NodeAdvertisement("n1", MeshNodeType.GATEWAY, frozenset({"a"}), metadata={"k": 1})),
]


def name_of(message: Any) -> str:
    return type(message).__name__


def said_as_array(message: Message) -> list[Any]:
    """A message as it looks on the wire."""
    array: list[Any] = msgspec.msgpack.decode(msgspec.msgpack.encode(message))
    return array


def frame_of(*arrays: Any, version: int = PROTOCOL_VERSION, sender: str = "node/n1~1") -> bytes:
    return msgspec.msgpack.encode([version, sender, list(arrays)])


def test_there_is_an_example_of_every_message() -> None:
    assert [type(example) for example in EXAMPLES] == list(message_types())


@pytest.mark.parametrize("message", EXAMPLES, ids=name_of)
def test_a_message_comes_out_as_it_went_in(message: Message) -> None:
    assert decode_frame(encode_frame("node/n1~1", [message])) == ("node/n1~1", [message])


def test_messages_of_one_frame_keep_their_order() -> None:
    assert decode_frame(encode_frame("x", EXAMPLES)) == ("x", EXAMPLES)
    assert decode_frame(encode_frame("x", EXAMPLES[::-1])) == ("x", EXAMPLES[::-1])


def test_a_frame_without_messages_is_a_frame() -> None:
    assert decode_frame(encode_frame("x", [])) == ("x", [])


def test_a_frame_is_an_array_of_version_sender_and_messages() -> None:
    frame = encode_frame("client/ann~1", [m.Unwatch(["a"])])
    assert msgspec.msgpack.decode(frame) == [PROTOCOL_VERSION, "client/ann~1", [["unwatch", ["a"]]]]


@pytest.mark.parametrize("kind", list(message_types()), ids=lambda kind: kind.__name__)
def test_a_message_is_called_on_the_wire_what_its_class_is_called(kind: type[Struct]) -> None:
    words = kind.__struct_config__.tag
    assert isinstance(words, str)
    assert "".join(word.title() for word in words.split("_")) == kind.__name__


class TestNewerMinorVersions:
    """They add fields at the end; what they say must still be understood."""

    @pytest.mark.parametrize("message", EXAMPLES, ids=name_of)
    def test_a_message_with_fields_of_a_newer_one_is_understood(self, message: Message) -> None:
        newer = [*said_as_array(message), "a new field", {"and": ["another"]}]
        assert decode_frame(frame_of(newer)) == ("node/n1~1", [message])

    def test_so_is_a_frame_with_more_to_it(self) -> None:
        frame = msgspec.msgpack.encode(
            [PROTOCOL_VERSION, "x", [["node_goodbye"]], {"signature": "…"}]
        )
        assert decode_frame(frame) == ("x", [m.NodeGoodbye()])

    @pytest.mark.parametrize(
        ("kind", "holder"),
        [
            (m.Fault, lambda value: ["denied", 1, value]),
            (m.Outcome, lambda value: ["report", 1, 1, [value]]),
            (m.Claim, lambda value: ["node_hello", "n1", "agent", [], 1, 1, 0, [value]]),
            (m.Vitals, lambda value: ["node_health", value, 1, 0, []]),
            (m.Assignment, lambda value: ["assign", [value]]),
        ],
        ids=lambda value: getattr(value, "__name__", ""),
    )
    def test_so_are_values_inside_messages_with_more_to_them(
        self, kind: type[Struct], holder: Any
    ) -> None:
        value = next(
            inner for example in EXAMPLES for inner in values_in(example) if isinstance(inner, kind)
        )
        plain = msgspec.msgpack.decode(msgspec.msgpack.encode(value))
        assert decode_frame(frame_of(holder([*plain, "new"]))) == decode_frame(
            frame_of(holder(plain))
        )

    def test_so_are_tasks_and_options_with_more_to_them(self) -> None:
        known = msgspec.to_builtins(TaskOptions(("gpu",), "key"))
        options = [*known, "new option"]
        spec = ["a", "echo", b"\x80", 5, 300.0, None, options, "new field"]
        _, (said,) = decode_frame(frame_of(["submit", 1, [spec], False]))
        assert said == m.Submit(
            1, [TaskSpec("a", "echo", b"\x80", options=TaskOptions(("gpu",), "key"))]
        )

    @pytest.mark.parametrize("message", EXAMPLES, ids=name_of)
    def test_fields_with_a_default_may_be_missing_at_the_end(self, message: Message) -> None:
        required = sum(
            field.required
            for field in msgspec.structs.fields(type(message))  # name comes first
        )
        array = said_as_array(message)[: 1 + required]
        _, (said,) = decode_frame(frame_of(array))
        assert type(said) is type(message)
        assert said_as_array(said)[: 1 + required] == array


class TestOtherVersions:
    @pytest.mark.parametrize("version", [0, 1, 99])
    @pytest.mark.parametrize("said", [[], [["never_heard_of", 1]], [["submit", "garbage"]], "text"])
    def test_are_refused_with_both_versions_named(self, version: int, said: Any) -> None:
        frame = msgspec.msgpack.encode([version, "node/new~1", said])
        with pytest.raises(ProtocolMismatch) as refused:
            decode_frame(frame)
        assert refused.value.details == {
            "peer": "node/new~1",
            "theirs": version,
            "ours": PROTOCOL_VERSION,
        }

    def test_a_refusal_in_another_version_is_known_as_one(self) -> None:
        assert says_unsupported(frame_of(["unsupported", 1, 2], version=3))
        assert says_unsupported(frame_of(["unsupported", 1, 2, "new field"], version=3))

    @pytest.mark.parametrize("said", [["submit", 1, []], ["never_heard_of"], "text", 5, []])
    def test_anything_else_in_another_version_is_not(self, said: Any) -> None:
        assert not says_unsupported(frame_of(said, version=3))
        assert not says_unsupported(frame_of(["unsupported", 1, 2], said, version=3))

    @pytest.mark.parametrize("data", [b"", b"\xc1", b"\x93\x01", b"garbage"])
    def test_bytes_that_are_no_frame_are_not(self, data: bytes) -> None:
        assert not says_unsupported(data)


class TestGarbage:
    @pytest.mark.parametrize(
        "said",
        [
            None,
            5,
            "submit",
            [],
            ["submit"],
            ["submit", "one", [], False],
            ["submit", 1, [["a"]], False],
            ["submit", 1, [["a", "echo", "no bytes", 5, 1.0, None]], False],
            ["submit", 1, [["a", "echo", b"\x80", "5", 1.0, None]], False],
            ["never_heard_of", 1],
            [1, 1],
            {"submit": 1},
        ],
        ids=repr,
    )
    def test_messages_of_a_wrong_form_are_refused(self, said: Any) -> None:
        with pytest.raises(msgspec.MsgspecError):
            decode_frame(frame_of(said))

    @pytest.mark.parametrize(
        "frame",
        [None, 1, "x", [], [2], [2, "x"], ["1", "x", []], [2, 2, []], [1.5, "x", []], {"a": 1}],
        ids=repr,
    )
    def test_frames_of_a_wrong_form_are_refused(self, frame: Any) -> None:
        with pytest.raises(msgspec.MsgspecError):
            decode_frame(msgspec.msgpack.encode(frame))

    def test_a_frame_cut_anywhere_is_refused(self) -> None:
        frame = encode_frame("node/n1~1", EXAMPLES)
        for length in range(len(frame)):
            with pytest.raises(msgspec.MsgspecError):
                decode_frame(frame[:length])

    def test_a_frame_with_something_behind_it_is_refused(self) -> None:
        with pytest.raises(msgspec.MsgspecError, match="trailing"):
            decode_frame(encode_frame("x", []) + b"\x00")

    @given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda tail: b"\x93\x02" + tail))
    @quick(500)
    def test_any_bytes_are_a_frame_or_refused(self, data: bytes) -> None:
        try:
            decode_frame(data)
        except (msgspec.MsgspecError, ProtocolMismatch):
            pass

    @pytest.mark.parametrize(
        "data",
        [
            b"\x93\x02\xa1\xff\x90",
            b"\x93\x02\xa1x\x91\x94\xa3ask\x01\xa1\xff\x80",
            b"\x93\x02\xa1x\x91\x94\xa3ask\x01\xa1s\x81\xa1a" + b"\x91" * 10**5 + b"\xc0",
        ],
        ids=["sender", "text", "depth"],
    )
    def test_text_that_is_none_and_endless_depth_are_refused_as_garbage(self, data: bytes) -> None:
        with pytest.raises(msgspec.MsgspecError):
            decode_frame(data)


class TestFault:
    def test_carries_all_that_is_needed_to_rebuild_an_error(self) -> None:
        fault = Fault.of(QueueFull("full", 1.0))
        assert fault == FAULT
        rebuilt = from_wire(fault.code, fault.sentence, fault.details)
        assert isinstance(rebuilt, QueueFull)
        assert rebuilt.retry_after_s == 1.0


def test_every_field_of_every_message_has_a_type_that_travels() -> None:
    for kind in [*message_types(), m.Fault, m.Outcome, m.Claim, m.Vitals, m.Assignment]:
        for name, hint in get_type_hints(kind).items():
            origin = get_origin(hint) or hint
            assert origin not in (set, frozenset, object), f"{kind}.{name}: {hint}"


def test_every_message_says_what_it_is_for() -> None:
    tree = ast.parse(inspect.getsource(m))
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{node.name} has no docstring"


def test_the_union_of_messages_is_everything_that_has_a_name() -> None:
    tagged = [
        value
        for value in vars(m).values()
        if inspect.isclass(value)
        and issubclass(value, Struct)
        and value.__struct_config__.tag is not None
    ]
    assert set(tagged) == set(get_args(Message)) == set(message_types())


def values_in(value: Any) -> list[Any]:
    """A value and everything inside it."""
    if isinstance(value, Struct):
        inner = [getattr(value, name) for name in value.__struct_fields__]
    elif isinstance(value, list | tuple):
        inner = list(value)
    else:
        inner = []
    return [value, *(found for item in inner for found in values_in(item))]
