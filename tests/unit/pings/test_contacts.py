"""Which contacts are lost, and which are back."""

from __future__ import annotations

import pytest

from cognitive_architecture.distributed_mesh.adapters.pings.contacts import Contacts, State
from cognitive_architecture.distributed_mesh.policies.detection.contact import REMEMBERED

A, B = b"aaaaaaaa", b"bbbbbbbb"


class Room:
    """Contacts that are heard of and looked at ten times a second."""

    def __init__(self) -> None:
        self.now = 0.0
        self.told: list[tuple[bytes, State]] = []
        self.contacts = Contacts(
            every_s=0.1,
            silence_s=1.0,
            on_contact=lambda name, state: self.told.append((name, state)),
        )

    def goes_on(self, seconds: float, *heard: bytes, deaf: bool = False) -> None:
        began = self.now
        for _ in range(round(seconds * 10)):
            self.now += 0.1
            for name in heard:
                unheard_s = self.now - began if deaf else 0.0
                self.contacts.heard(name, self.now, unheard_s=unheard_s)
            self.contacts.look(self.now)


@pytest.fixture
def room() -> Room:
    room = Room()
    room.goes_on(REMEMBERED / 10.0, A, B)
    assert room.told == [(A, State.IN_CONTACT), (B, State.IN_CONTACT)]
    room.told.clear()
    return room


def test_who_falls_silent_is_told_once_and_again_when_it_is_back(room: Room) -> None:
    room.goes_on(0.9, B)
    assert room.told == []
    room.goes_on(5.0, B)
    assert room.told == [(A, State.SILENT)]
    room.goes_on(0.1, A, B)
    assert room.told == [(A, State.SILENT), (A, State.IN_CONTACT)]


def test_who_is_heard_and_hears_nothing_is_deaf(room: Room) -> None:
    room.goes_on(3.0, A, deaf=True)
    assert (A, State.DEAF) in room.told
    room.goes_on(0.1, A)
    assert room.told[-1] == (A, State.IN_CONTACT)


def test_who_speaks_again_and_has_not_heard_anything_yet_is_not_back(room: Room) -> None:
    room.goes_on(3.0)
    room.told.clear()
    for _ in range(20):
        room.now += 0.1
        room.contacts.heard(A, room.now, unheard_s=3.0)
        room.contacts.look(room.now)
    assert room.told == []


def test_who_did_not_look_itself_blames_nobody(room: Room) -> None:
    room.now += 20.0  # this process stood still
    room.contacts.look(room.now)
    room.goes_on(0.5)
    assert room.told == []


def test_who_is_forgotten_is_not_missed_and_may_come_anew(room: Room) -> None:
    room.contacts.forget(A)
    room.goes_on(5.0, B)
    assert room.told == []
    room.goes_on(0.1, A, B)
    assert room.told == [(A, State.IN_CONTACT)]


def test_the_rarer_the_pings_the_longer_the_silence_that_counts(room: Room) -> None:
    room.contacts.every_s = 0.5
    assert room.contacts.floor_s == 5.0
