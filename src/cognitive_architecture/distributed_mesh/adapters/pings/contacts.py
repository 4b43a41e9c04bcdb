"""Who is in contact, as one side knows it."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Final

from cognitive_architecture.distributed_mesh.policies.detection.contact import Contact


class State(Enum):
    """Of the contact with one process."""

    IN_CONTACT = "in contact"
    SILENT = "silent"
    """Nothing of it is heard."""
    DEAF = "deaf"
    """It is heard, and says that it hears nothing."""


OnContact = Callable[[bytes, State], None]
"""Told the name of a process, and what has become of the contact with it."""

_PINGS_MIN: Final = 10.0
"""However rarely there are pings, so many must have been lost until a silence counts."""

_FRESH: Final = 0.5
"""Who was lost is back when the contact is no older than this share of the silence that counts."""


class Contacts:
    """Contacts by name, and what was said of each last."""

    def __init__(self, *, every_s: float, silence_s: float, on_contact: OnContact) -> None:
        """Begin.

        Args:
            every_s: Seconds between pings, and between two looks.
            silence_s: The least silence that counts.
            on_contact: Told every change, the first contact included.
        """
        self.every_s = every_s
        self._silence_s = silence_s
        self._on_contact = on_contact
        self._by_name: dict[bytes, _Known] = {}
        self._look_at: float | None = None

    def __len__(self) -> int:
        """How many there are, lost ones included."""
        return len(self._by_name)

    @property
    def floor_s(self) -> float:
        """The least silence that counts now, in seconds."""
        return max(self._silence_s, _PINGS_MIN * self.every_s)

    def heard(self, name: bytes, now: float, *, unheard_s: float = 0.0) -> None:
        """Something of a process is heard; it has heard this side so long ago."""
        known = self._by_name.get(name)
        if known is None:
            self._by_name[name] = _Known(Contact(now - unheard_s), now)
            self._on_contact(name, State.IN_CONTACT)
            return
        known.heard_at = now
        known.contact.made(now - unheard_s)
        if known.state is not State.IN_CONTACT and unheard_s <= _FRESH * self.floor_s:
            self._change(name, known, State.IN_CONTACT)

    def forget(self, name: bytes) -> None:
        """It is over, and nobody need be told."""
        self._by_name.pop(name, None)

    def look(self, now: float) -> None:
        """Find who is lost. Called once in an interval; whoever looks late has listened late."""
        late_s = 0.0 if self._look_at is None else now - self._look_at
        self._look_at = now + self.every_s
        if late_s > self.every_s:
            self._excuse(late_s, now)
        floor_s = self.floor_s
        for name, known in list(self._by_name.items()):
            if known.state is State.IN_CONTACT and known.contact.is_lost(now, floor_s=floor_s):
                is_heard = now - known.heard_at <= _FRESH * floor_s
                self._change(name, known, State.DEAF if is_heard else State.SILENT)

    def _excuse(self, seconds: float, now: float) -> None:
        """Blame nobody for a time in which this side did not listen."""
        for known in self._by_name.values():
            if known.state is State.IN_CONTACT:
                known.contact.excuse(seconds, now)

    def _change(self, name: bytes, known: _Known, state: State) -> None:
        known.state = state
        self._on_contact(name, state)


class _Known:
    """What is known of one process."""

    __slots__ = ("contact", "heard_at", "state")

    def __init__(self, contact: Contact, heard_at: float) -> None:
        self.contact = contact
        self.heard_at = heard_at
        self.state = State.IN_CONTACT
