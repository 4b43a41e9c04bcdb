"""Network namespaces that hang on a bridge by a cable each, which can be cut. Linux, as root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

_NET: Final = "10.231.77"
_NOBODY: Final = "02:00:00:00:00:02"


def can_cut() -> bool:
    """Whether this machine lets us make namespaces."""
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("ip") is not None


@dataclass(frozen=True, slots=True)
class Cable:
    """What joins one namespace with the bridge."""

    namespace: str
    here: str
    """Its end at the bridge."""
    address: str

    @property
    def prefix(self) -> list[str]:
        """The words that run a command in the namespace."""
        return ["ip", "netns", "exec", self.namespace]


class Cables:
    """The bridge, which has an address of this namespace, and the cables."""

    address: Final = f"{_NET}.1"

    def __enter__(self) -> Self:
        self._cables: list[Cable] = []
        self.bridge = f"cmb{os.getpid() % 100000}"
        try:
            _ip("link", "add", self.bridge, "type", "bridge")
            # Without an address of its own a bridge takes the lowest of what is plugged in. Then
            # pulling that plug changes the bridge's address, for the others as well; and what the
            # cut-off node sends still comes through, as its own end now has the old one.
            _ip("link", "set", self.bridge, "address", "02:00:00:00:00:01")
            _ip("addr", "add", f"{self.address}/24", "dev", self.bridge)
            _ip("link", "set", self.bridge, "up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for cable in self._cables:
            # Both: a namespace whose name is gone goes on until its last process has ended.
            subprocess.run(["ip", "link", "del", cable.here], check=False, capture_output=True)
            subprocess.run(
                ["ip", "netns", "del", cable.namespace], check=False, capture_output=True
            )
        subprocess.run(["ip", "link", "del", self.bridge], check=False, capture_output=True)

    def plug(self) -> Cable:
        """A new namespace, and what joins it with the others."""
        number = len(self._cables) + 2
        cable = Cable(f"{self.bridge}-{number}", f"{self.bridge}h{number}", f"{_NET}.{number}")
        _ip("netns", "add", cable.namespace)
        self._cables.append(cable)
        _ip(
            *("link", "add", cable.here, "type", "veth"),
            *("peer", "name", "eth0", "netns", cable.namespace),
        )
        _ip("link", "set", cable.here, "master", self.bridge, "up")
        _ip("-n", cable.namespace, "addr", "add", f"{cable.address}/24", "dev", "eth0")
        _ip("-n", cable.namespace, "link", "set", "eth0", "up")
        _ip("-n", cable.namespace, "link", "set", "lo", "up")
        return cable

    # -- ways to cut: nobody is told, both ends stay up ----------------------------------------

    def cut(self, cable: Cable) -> None:
        """Pull a cable's plug out of the bridge: nothing goes either way any more."""
        _ip("link", "set", cable.here, "nomaster")

    def mend(self, cable: Cable) -> None:
        """Put it back."""
        _ip("link", "set", cable.here, "master", self.bridge)

    def mute(self, cable: Cable) -> None:
        """Let what the node sends go to an address that nobody has."""
        _ip("-n", cable.namespace, "neigh", "replace", self.address, *_lost("eth0"))

    def unmute(self, cable: Cable) -> None:
        """Undo it."""
        _ip("-n", cable.namespace, "neigh", "del", self.address, "dev", "eth0")

    def deafen(self, cable: Cable) -> None:
        """Let what is sent to the node go to an address that nobody has."""
        _ip("neigh", "replace", cable.address, *_lost(self.bridge))

    def undeafen(self, cable: Cable) -> None:
        """Undo it."""
        _ip("neigh", "del", cable.address, "dev", self.bridge)


def since(change: Callable[[Cable], None], cable: Cable) -> float:
    """Do something to a cable; the instant before, of ``time.perf_counter``."""
    at = time.perf_counter()
    change(cable)
    return at


def _lost(device: str) -> list[str]:
    return ["lladdr", _NOBODY, "dev", device, "nud", "permanent"]


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
