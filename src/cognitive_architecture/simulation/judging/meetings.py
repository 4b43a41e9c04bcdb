"""Who talks with which orchestrator, as each process was told of them; and who cannot help it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Meetings:
    """What the processes of nodes and clients know of the orchestrators."""

    _there: dict[str, dict[str, None]] = field(default_factory=dict)
    """By process: the addresses that it has heard of, the latest last."""
    _now: dict[str, str] = field(default_factory=dict)
    """By process: whom it talks with."""

    def told(self, process: str, address: str, *, is_there: bool) -> bool:
        """A process hears that an orchestrator is there, or is gone.

        Returns:
            Whether it begins to talk anew, with this one or with another that it knows.
        """
        there = self._there.setdefault(process, {})
        there.pop(address, None)
        if is_there:
            there[address] = None
        elif self._now.get(process) != address:
            return False
        latest = next(reversed(there), None)
        if latest is None:
            self._now.pop(process, None)
            return False
        self._now[process] = latest
        return True

    def are_talking(self, process: str, orchestrator: str) -> bool:
        """Whether the process listens to this orchestrator now."""
        return self._now.get(process) == orchestrator


@dataclass(slots=True)
class Hindrances:
    """Which hosts had no time, for all that was done to them: nothing there need be prompt."""

    _until: dict[str, float] = field(default_factory=dict)

    def hinder(self, host: str, until: float) -> None:
        """A process of this host stands still, or gets little of its CPU, until then."""
        self._until[host] = max(until, self._until.get(host, 0.0))

    def were_there(self, host: str, since: float) -> bool:
        """Whether the host was hindered at any time since."""
        return self._until.get(host, -1.0) >= since
