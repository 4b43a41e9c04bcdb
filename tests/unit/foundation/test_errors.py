import gc
import inspect
import pickle
import re
from collections.abc import Iterator
from typing import Any

import pytest

from cognitive_architecture.foundation import errors
from cognitive_architecture.foundation.errors import (
    CircuitOpen,
    ConfigurationError,
    Deposed,
    DuplicateNode,
    InvalidPayload,
    InvalidTask,
    MeshError,
    NoCapableNode,
    PermanentFailure,
    ProtocolMismatch,
    QueueFull,
    QuotaExceeded,
    RemoteError,
    StoreFull,
    TaskCancelled,
    TaskFailed,
    UnknownTask,
    require_number,
)
from cognitive_architecture.foundation.remote_errors import from_wire

SPOKEN: list[tuple[MeshError, str]] = [
    (
        UnknownTask("t-1"),
        (
            "task t-1 is not known here: it was never submitted, or its result was kept for its "
            "retention time and then removed"
        ),
    ),
    (NoCapableNode("t-1", {}), "task t-1 fits no node: the mesh has no nodes"),
    (
        NoCapableNode("t-1", {"n2": "does not offer gpu", "n1": "does not offer sum"}),
        "task t-1 fits no node (n1: does not offer sum; n2: does not offer gpu)",
    ),
    (
        QueueFull("the queue holds 2 tasks, its bound", 1.0),
        "the queue holds 2 tasks, its bound; come back in 1 s",
    ),
    (
        QuotaExceeded("requester ann may have 2 tasks open at once, and has 2", 0.3333),
        "requester ann may have 2 tasks open at once, and has 2; come back in 0.333 s",
    ),
    (
        CircuitOpen("kobold", 12.345),
        "kobold failed too often and is left alone; come back in 12.3 s",
    ),
    (CircuitOpen("", 1.0), "the service failed too often and is left alone; come back in 1 s"),
    (TaskFailed("t-1", "boom"), "task t-1: boom"),
    (TaskCancelled("t-1", "cancelled by request"), "task t-1: cancelled by request"),
    (
        ProtocolMismatch("node/n1~x", 2, 1),
        (
            "node/n1~x speaks protocol version 2, this process speaks 1: "
            "install the same version of cogmesh on both"
        ),
    ),
    (RemoteError("quota_exceeded", "no more today"), "no more today (quota_exceeded)"),
    (StoreFull("the disk is full"), "the disk is full"),
    (InvalidPayload("payload: a JSON object is required"), "payload: a JSON object is required"),
]
PLAIN = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, MeshError) and "__init__" not in vars(kind)
    if kind.__init__ is MeshError.__init__
]


def all_errors(base: type[MeshError] = MeshError) -> Iterator[type[MeshError]]:
    yield base
    for child in base.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from all_errors(child)


def drawn_tree() -> dict[str, str | None]:
    """The classes in the docstring of ``errors``, each with the one it hangs on."""
    parents: dict[str, str | None] = {}
    branch: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"^    ([│├└─ ]*)(\w+)", line)
        if found is None:
            continue
        depth = len(found[1]) // 4
        del branch[depth:]
        parents[found[2]] = branch[-1] if branch else None
        branch.append(found[2])
    return parents


def test_the_drawn_tree_is_the_tree_of_classes() -> None:
    real = {
        kind.__name__: None if kind is MeshError else kind.__bases__[0].__name__
        for kind in all_errors()
    }
    assert drawn_tree() == real


def test_the_drawing_says_retryable_only_of_classes_that_are() -> None:
    said = re.findall(r"(\w+) +retryable:", errors.__doc__ or "")
    assert said == ["QueueFull", "CircuitOpen", "StoreFull", "MeshUnreachable"]
    assert all(getattr(errors, name).retryable for name in said)


def test_every_class_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in all_errors()]
    assert len(codes) == len(set(codes))


def test_a_code_is_the_name_of_its_class_in_snake_case() -> None:
    for kind in all_errors():
        assert kind.code == re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


@pytest.mark.parametrize(("error", "sentence"), SPOKEN, ids=lambda value: type(value).__name__)
def test_the_sentence(error: MeshError, sentence: str) -> None:
    assert str(error) == sentence


@pytest.mark.parametrize("error", [error for error, _ in SPOKEN], ids=lambda e: type(e).__name__)
def test_an_error_survives_the_wire_with_its_facts(error: MeshError) -> None:
    rebuilt = from_wire(error.code, str(error), error.details)
    assert type(rebuilt) is type(error)
    assert str(rebuilt) == str(error)
    assert rebuilt.details == error.details
    assert rebuilt.retryable is error.retryable


@pytest.mark.parametrize("error", [error for error, _ in SPOKEN], ids=lambda e: type(e).__name__)
def test_an_error_survives_pickling_with_its_facts(error: MeshError) -> None:
    rebuilt = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert type(rebuilt) is type(error)
    assert (str(rebuilt), rebuilt.details) == (str(error), error.details)


@pytest.mark.parametrize("kind", PLAIN, ids=lambda kind: kind.__name__)
def test_an_error_of_words_alone_survives_the_wire(kind: type[MeshError]) -> None:
    rebuilt = from_wire(kind.code, "in words", kind("in words").details)
    assert type(rebuilt) is kind
    assert str(rebuilt) == "in words"
    assert rebuilt.details == {}


def test_every_class_is_rebuilt_by_one_of_the_tests_above() -> None:
    assert {type(error) for error, _ in SPOKEN} | set(PLAIN) == {
        kind for kind in all_errors() if kind is not errors.TaskUnsuccessful
    }


def test_an_unknown_code_becomes_a_remote_error_that_keeps_both() -> None:
    rebuilt = from_wire("quota_exceeded", "no more today", {"limit": 3})
    assert isinstance(rebuilt, RemoteError)
    assert rebuilt.details == {"remote_code": "quota_exceeded", "sentence": "no more today"}


def test_notes_of_an_error_are_no_facts_of_it() -> None:
    error = QueueFull("the queue is full", 1.0)
    error.add_note("refused: task 3 of 5")
    assert error.details == {"what": "the queue is full", "retry_after_s": 1.0}


def test_changing_the_refusals_a_caller_gave_does_not_change_the_error() -> None:
    refusals = {"n1": "does not offer gpu"}
    error = NoCapableNode("t-1", refusals)
    refusals.clear()
    assert error.refusals == {"n1": "does not offer gpu"}


@pytest.mark.parametrize(
    ("kind", "retryable"), [(Deposed, False), (DuplicateNode, True), (StoreFull, True)]
)
def test_whether_repeating_helps(kind: type[MeshError], retryable: bool) -> None:
    assert kind.retryable is retryable


def test_a_fact_that_this_version_does_not_know_is_left_aside() -> None:
    newer = {"what": "the queue is full", "retry_after_s": 1.0, "queue": "urgent"}
    rebuilt = from_wire("queue_full", "the queue is full; come back in 1 s", newer)
    assert type(rebuilt) is QueueFull
    assert rebuilt.retry_after_s == 1.0


def test_facts_that_are_missing_do_not_hide_the_sentence() -> None:
    rebuilt = from_wire("queue_full", "the queue is full; come back in 1 s")
    assert isinstance(rebuilt, MeshError)
    assert "the queue is full; come back in 1 s" in str(rebuilt)


def test_a_program_may_derive_its_own_errors_without_a_code() -> None:
    class QuotaExceeded(PermanentFailure):
        def __init__(self, user: str, limit: int) -> None:
            super().__init__(user, limit)

    try:
        error = QuotaExceeded("ann", 3)
        rebuilt = from_wire(error.code, str(error), error.details)
    finally:
        del QuotaExceeded, error
        gc.collect()  # classes are cycles; the next test must not see this one
    assert type(rebuilt) is PermanentFailure
    assert str(rebuilt) == "('ann', 3)"


def test_a_program_cannot_take_a_code_away_from_us() -> None:
    class Fuller(QueueFull):
        code = "queue_full"

    class Full(MeshError):
        code = "queue_full"

    try:
        rebuilt = from_wire("queue_full", "full; come back in 1 s", QueueFull("full", 1.0).details)
        assert type(rebuilt) is QueueFull
    finally:
        del Fuller, Full
        gc.collect()


@pytest.mark.parametrize(
    ("code", "details"),
    [
        ("unknown_task", None),
        ("unknown_task", {"id": "t-1"}),
        ("queue_full", {"what": "the queue is full"}),
        ("queue_full", {"what": "the queue is full", "retry_after_s": "soon"}),
        ("no_capable_node", {"task_id": "t-1", "refusals": 5}),
    ],
)
def test_facts_that_make_no_error_leave_code_and_sentence(code: str, details: Any) -> None:
    rebuilt = from_wire(code, "in words", details)
    assert rebuilt.details == {"remote_code": code, "sentence": "in words"}
    assert str(rebuilt).startswith("in words")


def test_an_error_of_words_alone_leaves_facts_aside() -> None:
    rebuilt = from_wire("invalid_task", "in words", {"args": 1, "self": 2})
    assert type(rebuilt) is InvalidTask
    assert str(rebuilt) == "in words"


class TestRequireNumber:
    @pytest.mark.parametrize("value", [0, 0.0, 1, 0.5, 10**400])
    def test_lets_numbers_in_range_pass(self, value: float) -> None:
        require_number("pace", value, low=0)

    @pytest.mark.parametrize(
        ("value", "sentence"),
        [
            (-1, "pace: a number from 0 to 10, not -1"),
            (10.5, "pace: a number from 0 to 10, not 10.5"),
            (True, "pace: a number from 0 to 10, not True"),
            ("5", "pace: a number from 0 to 10, not '5'"),
            (None, "pace: a number from 0 to 10, not None"),
            (float("nan"), "pace: a number from 0 to 10, not nan"),
            (float("inf"), "pace: a number from 0 to 10, not inf"),
        ],
    )
    def test_names_the_setting_its_range_and_what_came(self, value: object, sentence: str) -> None:
        with pytest.raises(ConfigurationError) as refused:
            require_number("pace", value, low=0, high=10)
        assert str(refused.value) == sentence

    def test_says_above_where_the_lowest_value_is_refused_too(self) -> None:
        with pytest.raises(ConfigurationError, match=r"^pace: a number above 0, not 0$"):
            require_number("pace", 0, low=0, above_low=True)

    def test_takes_integers_only_where_they_are_asked_for(self) -> None:
        require_number("slots", 3, low=1, whole=True)
        with pytest.raises(ConfigurationError, match=r"^slots: an integer from 1, not 3\.0$"):
            require_number("slots", 3.0, low=1, whole=True)

    def test_shows_the_beginning_of_what_is_long(self) -> None:
        with pytest.raises(ConfigurationError) as refused:
            require_number("pace", "x" * 1000, low=0)
        assert str(refused.value) == "pace: a number from 0, not '" + "x" * 58 + "…"

    def test_refuses_an_integer_too_long_to_be_shown(self) -> None:
        with pytest.raises(ConfigurationError, match=r"not an integer of about 5,000 digits$"):
            require_number("pace", 10**5000, low=0, high=10)
