"""Which orchestrators are there, for whoever talks with one of them."""

from __future__ import annotations


class KnownOrchestrators:
    """Those that are there; whoever appeared last is the one to talk with.

    While one takes over from another, news of both may come in any order: that the old one is
    there can be heard after the new one has appeared, and then only its going leads back.
    """

    def __init__(self) -> None:
        self._there: dict[str, None] = {}

    @property
    def latest(self) -> str | None:
        """The address of the one to talk with."""
        return next(reversed(self._there), None)

    def note(self, address: str, *, is_there: bool) -> None:
        """One has appeared, perhaps again, or is gone."""
        self._there.pop(address, None)
        if is_there:
            self._there[address] = None
