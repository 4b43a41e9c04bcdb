import enum

import pytest

from cognitive_architecture.distributed_mesh.handlers import declared_handler, handles
from cognitive_architecture.foundation.errors import HandlersFileError


class Kind(enum.StrEnum):
    ECHO = "echo"


def work(payload: object, task: object) -> None:
    pass


@pytest.mark.parametrize("name", ["", "two words", "a/b", "\ud800"])
def test_a_name_of_other_signs_is_refused(name: str) -> None:
    with pytest.raises(HandlersFileError) as refused:
        handles(name)
    assert str(refused.value) == (
        f"capability {name!r}: use letters, digits, '_', '-', '.' and ':' only"
    )


def test_whoever_forgets_the_brackets_is_told() -> None:
    with pytest.raises(HandlersFileError, match=r'write @handles\("name"\), not <function work'):
        handles(work)  # type: ignore[arg-type]


def test_the_member_of_an_enum_is_taken_by_its_value() -> None:
    handler = declared_handler(handles(Kind.ECHO)(work))
    assert handler is not None
    assert type(handler.capability) is str
    assert handler.capability == "echo"
