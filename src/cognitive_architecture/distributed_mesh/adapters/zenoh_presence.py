"""Who of the network is there: by tokens, and by the contact with those that ping.

its token is gone           gone at once: its process ended, or its link
pings say that it hears     gone: whatever it is sent is lost
nothing
pings and link are silent   gone: the cable is cut, or the process stands still
pings alone are silent      there: something stops datagrams, and the link must do without
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cognitive_architecture.foundation.world import Clock, Timer

from .pings import PingToken, State

OnChange = Callable[[str, bool], None]

_SPEAKS: Final = 0.5
"""A link speaks if something came over it within this share of the silence that counts. A heartbeat
is sent as often, and a cable that is cut has been silent for twice as long."""


@dataclass(slots=True)
class _Owner:
    """Who has announced an address: several processes, where one follows another."""

    tokens: dict[str, PingToken | None] = field(default_factory=dict)
    """By their text; None of a process that does not ping."""
    heard_at: float = float("-inf")
    """When something came over a link."""


class Presence:
    """Runs on the event loop only.

    Args:
        clock: Of the loop.
        silence_s: The least silence that counts.
        proven_s: A token that is still there so long after its contact was lost proves that its
            link lives.
        on_change: Told an address that may have come or gone, and whether it is there now.
    """

    def __init__(
        self, clock: Clock, *, silence_s: float, proven_s: float, on_change: OnChange
    ) -> None:
        self._clock = clock
        self._silence_s = silence_s
        self._proven_s = proven_s
        self._on_change = on_change
        self._owners: dict[str, _Owner] = {}
        self._addresses: dict[bytes, dict[str, None]] = {}
        """Of each process that pings."""
        self._states: dict[bytes, State] = {}
        self._without: set[bytes] = set()
        """Whose pings are stopped on the way, though the link lives."""
        self._silent: dict[str, None] = {}
        """Addresses that are gone because nothing is heard of them."""
        self._proofs: dict[bytes, Timer] = {}
        """When the link of somebody who was lost will have proven that it lives."""

    def close(self) -> None:
        """Say nothing more."""
        for proof in self._proofs.values():
            proof.cancel()
        self._proofs.clear()

    def token(self, address: str, text: str, *, is_there: bool) -> PingToken | None:
        """A token has come or gone; who is to be expected to ping, or no more."""
        token = PingToken.read(text)
        owner = self._owners.setdefault(address, _Owner())
        if is_there:
            owner.tokens[text] = token
            if token is not None:
                self._addresses.setdefault(token.name, {})[address] = None
        else:
            owner.tokens.pop(text, None)
            if not owner.tokens:
                del self._owners[address]
        self._tell(address)
        if token is None or is_there:
            return token
        addresses = self._addresses.get(token.name, {})
        addresses.pop(address, None)
        if addresses:
            return None
        self._addresses.pop(token.name, None)
        self._begin_anew(token.name)
        return token

    def contact(self, name: bytes, state: State) -> None:
        """The contact with a process has begun, is lost, or is back."""
        self._begin_anew(name)
        self._states[name] = state
        addresses = self._addresses.get(name, {})
        if state is not State.IN_CONTACT:
            now = self._clock.now()
            heard_at = max((self._owners[one].heard_at for one in addresses), default=0.0)
            if state is State.SILENT and now - heard_at <= _SPEAKS * self._silence_s:
                self._without.add(name)
            self._proofs[name] = self._clock.call_at(
                now + self._proven_s, lambda: self._lives(name)
            )
        for address in list(addresses):
            self._tell(address)

    def spoke(self, address: str) -> None:
        """Something came over the link."""
        if (owner := self._owners.get(address)) is None:
            return
        owner.heard_at = self._clock.now()
        if address in self._silent:
            for token in owner.tokens.values():
                if token is not None:
                    self._lives(token.name)

    def has_token(self, address: str) -> bool:
        """Whether its link is there, in contact or not."""
        return address in self._owners

    def is_lost(self, name: bytes) -> bool:
        """Whether there was contact with a process, and is none."""
        return self._states.get(name, State.IN_CONTACT) is not State.IN_CONTACT

    def is_mute(self, name: bytes, since: float) -> bool:
        """Whether a process that is in contact has said nothing over its link since an instant."""
        addresses = self._addresses.get(name, {})
        return (
            self._states.get(name) is State.IN_CONTACT
            and all(self._owners[one].heard_at < since for one in addresses)
            and bool(addresses)
        )

    def forget_all(self) -> None:
        """The session has ended, and with it every token."""
        owners, self._owners = self._owners, {}
        self._addresses.clear()
        self._silent.clear()
        for address in owners:
            self._on_change(address, False)

    def in_contact(self) -> list[str]:
        """The addresses of processes that pings come from and go to."""
        return [
            address
            for name, state in self._states.items()
            if state is State.IN_CONTACT
            for address in self._addresses.get(name, ())
        ]

    def is_unheard(self, token: PingToken) -> bool:
        """Whether somebody is there who pings and was never in contact."""
        return token.name in self._addresses and token.name not in self._states

    def _begin_anew(self, name: bytes) -> None:
        self._states.pop(name, None)
        self._without.discard(name)
        if (proof := self._proofs.pop(name, None)) is not None:
            proof.cancel()

    def _lives(self, name: bytes) -> None:
        """The link does, although no ping comes."""
        self._without.add(name)
        for address in list(self._addresses.get(name, ())):
            self._tell(address)

    def _tell(self, address: str) -> None:
        owner = self._owners.get(address)
        states = [self._state_of(token) for token in owner.tokens.values()] if owner else []
        if states and all(state is State.SILENT for state in states):
            self._silent[address] = None
        else:
            self._silent.pop(address, None)
        self._on_change(address, State.IN_CONTACT in states)

    def _state_of(self, token: PingToken | None) -> State:
        if token is None or token.name in self._without:
            return State.IN_CONTACT
        return self._states.get(token.name, State.IN_CONTACT)
