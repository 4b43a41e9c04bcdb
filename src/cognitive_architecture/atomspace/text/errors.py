"""What reading a text raises on purpose."""

from __future__ import annotations

from cognitive_architecture.atomspace.errors import AtomSpaceError


class TextError(AtomSpaceError):
    """A text that cannot be read so, an atom that no text is kept on, or a tool that misbehaves."""

    code = "text_error"
