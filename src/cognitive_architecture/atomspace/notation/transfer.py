"""Whole spaces as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cognitive_architecture.atomspace.errors import AtomSpaceError, NotationError
from cognitive_architecture.atomspace.notation.dialects import Dialect, dialect_of
from cognitive_architecture.atomspace.notation.reading import Reader
from cognitive_architecture.atomspace.notation.writing import Writer
from cognitive_architecture.atomspace.snapshot import AtomSpaceView
from cognitive_architecture.atomspace.space import AtomSpace


def load(
    space: AtomSpace, text: str | Iterable[str], *, dialect: Dialect | str = Dialect.MODERN
) -> int:
    """Add every expression of a text to a space, and set the values that stand there.

    Args:
        space: Its types are those of the text.
        text: All of it, or its pieces in order: lines, or an open file.
        dialect: Of the text.

    Returns:
        How many expressions there were.

    Raises:
        AtomSpaceError: There is no such dialect.
        NotationError: A mistake, or something that the space does not take. What stands before
            that expression is in the space; reading may go on from its line.
    """
    reader = Reader(dialect_of(dialect), space.types)
    count = 0
    for expression in reader.expressions((text,) if isinstance(text, str) else text):
        try:
            space.add(expression.atom)
            for atom, values in expression.values.items():
                own = space.add(atom)
                for key, value in values.items():
                    space.set_value(own, key, value)
        except AtomSpaceError as error:
            raise NotationError(*reader.begin, str(error)) from error
        count += 1
    return count


def dump(
    space: AtomSpace | AtomSpaceView, *, dialect: Dialect | str = Dialect.MODERN
) -> Iterator[str]:
    """Write a space as it is when this is called, one atom a line, while writers go on.

    An atom has a line of its own if no link holds it or a value is on it; all others stand in
    lines of links. ``load`` makes the same space of the lines.

    Args:
        space: What to write, or a snapshot of it.
        dialect: To write in. ``metta`` has no values.

    Returns:
        The lines, each with its end.

    Raises:
        AtomSpaceError: There is no such dialect.
        CannotSay: While it is written: the dialect has no words for an atom or for its values.
    """
    view = space.snapshot() if isinstance(space, AtomSpace) else space
    return _lines(view, Writer(dialect_of(dialect), space.types))


def _lines(view: AtomSpaceView, writer: Writer) -> Iterator[str]:
    for atom in view:
        values = view.values(atom)
        if values or next(view.incoming(atom), None) is None:
            yield writer.text(atom, {atom: values} if values else {}) + "\n"
