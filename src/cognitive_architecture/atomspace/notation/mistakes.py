"""A mistake in a text, before its line and column are known."""

from __future__ import annotations


class Mistake(Exception):
    """What is wrong, raised where it is seen; the reader adds the line and the column.

    Args:
        sentence: What came, what is allowed, what to do.
        offset: Characters from the beginning of the token to the mistake.
    """

    def __init__(self, sentence: str, offset: int = 0) -> None:
        super().__init__(sentence, offset)
        self.sentence = sentence
        self.offset = offset
