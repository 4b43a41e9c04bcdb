"""What is wrong with an expression, and where."""

from __future__ import annotations

from typing import Final

from cognitive_architecture.foundation.sentences import shown

_SHOWN_MAX: Final = 24


class Misread(Exception):
    """The text is no expression; the sentence shows the place."""

    def __init__(self, text: str, at: int, what: str) -> None:
        """Say it.

        Args:
            text: The whole expression.
            at: The place, 0 for its first character.
            what: What is wrong there.
        """
        rest = text[at:]
        place = f"at character {at + 1}, before {shown(rest, _SHOWN_MAX)}" if rest else "at its end"
        super().__init__(f"{shown(text, 120)}, {place}: {what}")


class Unanswered(Exception):
    """The expression says nothing of these attributes; the sentence says why."""
