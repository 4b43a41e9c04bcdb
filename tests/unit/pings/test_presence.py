"""Who is there, by tokens, pings and what comes over the link."""

from __future__ import annotations

from cognitive_architecture.distributed_mesh.adapters.pings import PingToken, State
from cognitive_architecture.distributed_mesh.adapters.zenoh_presence import Presence
from cognitive_architecture.foundation.world import SimulatedClock

SILENCE_S, PROVEN_S = 1.0, 80.0
NODE = "node/n1"
ONE, ANOTHER = (PingToken.of(bytes([sign]) * PingToken.SIZE) for sign in (1, 2))


class Watched:
    """A presence, and what it says; twice the same is said once."""

    def __init__(self) -> None:
        self.clock = SimulatedClock()
        self.said: list[tuple[str, bool]] = []
        self.presence = Presence(
            self.clock, silence_s=SILENCE_S, proven_s=PROVEN_S, on_change=self._say
        )
        self._there: set[str] = set()

    def _say(self, address: str, is_there: bool) -> None:
        if is_there != (address in self._there):
            (self._there.add if is_there else self._there.discard)(address)
            self.said.append((address, is_there))

    def comes(self, token: PingToken = ONE, address: str = NODE) -> PingToken | None:
        return self.presence.token(address, token.text, is_there=True)

    def goes(self, token: PingToken = ONE, address: str = NODE) -> PingToken | None:
        return self.presence.token(address, token.text, is_there=False)

    def wait(self, seconds: float) -> None:
        self.clock.jump_to(self.clock.now() + seconds)


def in_contact() -> Watched:
    watched = Watched()
    watched.comes()
    watched.presence.contact(ONE.name, State.IN_CONTACT)
    watched.wait(10.0)
    watched.said.clear()
    return watched


THERE, GONE = (NODE, True), (NODE, False)


def test_a_token_comes_and_goes_at_once_whatever_pings_say() -> None:
    watched = Watched()
    assert watched.comes() == ONE
    watched.presence.contact(ONE.name, State.IN_CONTACT)
    assert watched.goes() == ONE
    assert watched.said == [THERE, GONE]
    assert watched.presence.in_contact() == []


def test_who_does_not_ping_is_there_as_long_as_its_token() -> None:
    watched = Watched()
    assert watched.presence.token(NODE, "-", is_there=True) is None
    watched.wait(100.0)
    assert watched.presence.token(NODE, "-", is_there=False) is None
    assert watched.said == [THERE, GONE]


def test_a_silent_process_is_gone_until_it_is_in_contact_again() -> None:
    watched = in_contact()
    watched.presence.contact(ONE.name, State.SILENT)
    assert watched.said == [GONE]
    assert watched.presence.in_contact() == []
    watched.presence.contact(ONE.name, State.IN_CONTACT)
    assert watched.said == [GONE, THERE]
    assert watched.presence.in_contact() == [NODE]


def test_a_deaf_process_is_gone_although_its_link_speaks() -> None:
    watched = in_contact()
    watched.presence.spoke(NODE)
    watched.presence.contact(ONE.name, State.DEAF)
    watched.presence.spoke(NODE)
    assert watched.said == [GONE]


def test_where_pings_are_stopped_and_the_link_speaks_nobody_is_gone() -> None:
    watched = in_contact()
    watched.presence.spoke(NODE)
    watched.wait(0.4)
    watched.presence.contact(ONE.name, State.SILENT)
    assert watched.said == []
    assert watched.presence.in_contact() == []
    watched.wait(2 * PROVEN_S)
    assert watched.said == []


def test_a_word_over_the_link_brings_back_whom_no_ping_came_from() -> None:
    watched = in_contact()
    watched.presence.spoke(NODE)
    watched.wait(0.6)
    watched.presence.contact(ONE.name, State.SILENT)
    watched.presence.spoke(NODE)
    assert watched.said == [GONE, THERE]


def test_a_link_that_its_lease_did_not_cut_brings_back_who_says_nothing() -> None:
    watched = in_contact()
    watched.presence.contact(ONE.name, State.SILENT)
    watched.wait(PROVEN_S - 1.0)
    assert watched.said == [GONE]
    watched.wait(1.0)
    assert watched.said == [GONE, THERE]


def test_what_its_lease_cut_meanwhile_stays_gone() -> None:
    watched = in_contact()
    watched.presence.contact(ONE.name, State.SILENT)
    watched.goes()
    watched.wait(PROVEN_S)
    assert watched.said == [GONE]


def test_an_old_proof_says_nothing_of_a_later_loss() -> None:
    watched = in_contact()
    watched.presence.contact(ONE.name, State.SILENT)
    watched.wait(PROVEN_S - 1.0)
    watched.presence.contact(ONE.name, State.IN_CONTACT)
    watched.presence.contact(ONE.name, State.SILENT)
    watched.wait(2.0)
    assert watched.said == [GONE, THERE, GONE]


def test_one_process_may_own_several_addresses() -> None:
    watched = in_contact()
    assert watched.comes(ONE, "client/n1") == ONE
    watched.presence.contact(ONE.name, State.SILENT)
    assert watched.said == [("client/n1", True), GONE, ("client/n1", False)]
    assert watched.goes(ONE, "client/n1") is None, "the node still pings under this token"
    watched.presence.contact(ONE.name, State.IN_CONTACT)
    assert watched.presence.in_contact() == [NODE]


def test_who_follows_another_at_his_address_is_there_when_the_other_is_lost() -> None:
    watched = in_contact()
    watched.comes(ANOTHER)
    watched.presence.contact(ANOTHER.name, State.IN_CONTACT)
    watched.presence.contact(ONE.name, State.SILENT)
    watched.goes(ONE)
    assert watched.said == []
    watched.goes(ANOTHER)
    assert watched.said == [GONE]
