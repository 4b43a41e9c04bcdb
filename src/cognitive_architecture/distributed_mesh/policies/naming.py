"""What may be a name in the mesh."""

from __future__ import annotations

from typing import Final

from cognitive_architecture.foundation.sentences import sayable

NAME_LENGTH_MAX: Final = 200


def is_name(value: object) -> bool:
    """Whether it is text of a length that a name may have, and can travel."""
    return (
        type(value) is str
        and 0 < len(value) <= NAME_LENGTH_MAX
        and (value.isascii() or value == sayable(value))
    )
