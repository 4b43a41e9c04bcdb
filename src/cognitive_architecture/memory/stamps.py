"""When something was written: texts that compare as the writes count.

    0006434a1f2c3d~desk     microseconds since the epoch in 14 hexadecimal digits, then the writer

Of two writes the one with the greater stamp counts; of equal instants the writer that comes later
in the alphabet. A source never gives a stamp twice, and never one below what it has seen: so who
read a value and then writes it always wins against what was read, whatever the clocks say.

Source: Kulkarni et al., "Logical Physical Clocks", 2014; we count logical steps as microseconds.
"""

from __future__ import annotations

import re
from typing import Final

from cognitive_architecture.foundation.world import Clock

from .errors import BadBundle, StampAhead

NEVER: Final = ""
"""Before every stamp."""

AHEAD_MAX_S: Final = 600.0
"""How far the clock of a writer may be ahead of a memory node's."""

_FORM: Final = re.compile(r"[0-9a-f]{14}~[^\x00-\x1f]{1,200}")
_DIGITS: Final = 14


class StampSource:
    """Gives stamps.

    Args:
        clock: Its wall time is taken.
        writer: Who writes; nobody else may have the name.
    """

    def __init__(self, clock: Clock, writer: str) -> None:
        self._clock = clock
        self._writer = writer[:200]
        self._last = 0

    def next(self) -> str:
        """A stamp above all that were given or seen."""
        self._last = max(int(self._clock.wall() * 1e6), self._last + 1)
        return f"{self._last:014x}~{self._writer}"

    def see(self, stamp: str) -> None:
        """Give only greater ones from now on."""
        if stamp:
            self._last = max(self._last, instant_of(stamp))

    def refuse_ahead(self, stamp: str) -> None:
        """Refuse what is dated further in the future than clocks may disagree.

        Raises:
            StampAhead: It is.
        """
        ahead_s = instant_of(stamp) / 1e6 - self._clock.wall()
        if ahead_s > AHEAD_MAX_S:
            raise StampAhead(
                f"a write is dated {ahead_s:,.0f} s in the future, at most {AHEAD_MAX_S:,.0f} s "
                "are allowed: set the clocks of the machines"
            )


def instant_of(stamp: str) -> int:
    """When it was given, in microseconds since the epoch."""
    return int(stamp[:_DIGITS], 16)


def require_stamp(text: str) -> None:
    """Refuse what is no stamp; ``NEVER`` is one.

    Raises:
        BadBundle: It is none.
    """
    if text != NEVER and not _FORM.fullmatch(text):
        raise BadBundle(f"a stamp is 14 hexadecimal digits, ~ and a writer, not {text[:60]!r}")
