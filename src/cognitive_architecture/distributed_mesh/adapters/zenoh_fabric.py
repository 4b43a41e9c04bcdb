"""The fabric between processes and machines, over Zenoh.

    cogmesh/{mesh}/alive/{kind}/{name}/{ping}      liveliness token: its owner is there, and pings
    cogmesh/{mesh}/inbox/{kind}/{name}             frames for its owner

What means something in a key is escaped in a name (``addresses``).

What took measuring to find out:

* Publications are dropped under load unless congestion control is BLOCK, so it is.
* A blocking publication may stop the thread that makes it for as long as the peer does not read.
  The event loop therefore publishes itself only as long as the peer has spoken since the last
  ``_UNHEARD_MAX`` bytes, which the buffers below hold in any case; beyond, a thread of its own
  does it for that peer. A thread for everything would add 0.07 ms to every message.
* Callbacks come on Zenoh's threads. They only append to a deque, and the first one after the
  loop has emptied it wakes the loop: one wake-up a batch, not one a frame.
"""

from __future__ import annotations

import asyncio
from typing import Final

import structlog
import zenoh

from cognitive_architecture.distributed_mesh.ports import OnPresence, Receive
from cognitive_architecture.foundation.errors import FabricError
from cognitive_architecture.foundation.settings import MeshSettings
from cognitive_architecture.foundation.world import World

from .addresses import as_key, from_key
from .attendees import Attendees
from .pings import Answerer, Caller, Contacts, PingToken, State, places_of
from .zenoh_boxes import Inbox, Outbox, on_loop
from .zenoh_config import config_of, explained
from .zenoh_presence import Presence

_NO_PINGS: Final = "-"
"""In the key of a token, of a process that does not ping."""

_UNANSWERED_S: Final = 5.0
"""Whoever has not answered a ping so long after it came will not."""

_MUTE_S: Final = 1.5
"""A link over which nothing comes for so long after contact is back waits for TCP. Whoever is told
that an orchestrator is there says hello, and is answered at once."""

_log = structlog.get_logger(__name__)


class ZenohFabric:
    """One process's access to the network."""

    def __init__(
        self, settings: MeshSettings, *, listens: bool, world: World | None = None
    ) -> None:
        """Prepare; nothing is opened yet.

        Args:
            settings: Which mesh, where to listen or connect.
            listens: An orchestrator listens; everybody else connects.
            world: Time, and what nobody can guess; the real one if left out.
        """
        self._settings = settings
        self._listens = listens
        self._world = world or World()
        self._session: zenoh.Session | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._inboxes: dict[str, Inbox] = {}
        self._outboxes: dict[str, Outbox] = {}
        self._tokens: dict[str, zenoh.LivelinessToken] = {}
        self._attendees: dict[str, Attendees] = {}
        self._watches: list[zenoh.Subscriber[None]] = []
        self._pings: Answerer | Caller | None = None
        self._ping_token: PingToken | None = None
        self._presence = self._nobody()
        self._renewal: asyncio.Task[None] | None = None

    def _nobody(self) -> Presence:
        return Presence(
            self._world.clock,
            silence_s=self._settings.ping_silence_s,
            proven_s=2.0 * self._settings.link_lease_s,
            on_change=self._presence_changed,
        )

    async def start(self) -> None:
        """Open the session, and listen or begin to connect. Idempotent."""
        if self._session is not None:
            return
        self._loop = asyncio.get_running_loop()
        config = config_of(self._settings, listens=self._listens)
        try:
            self._session = await asyncio.to_thread(zenoh.open, config)
        except zenoh.ZError as error:
            raise explained(error, self._settings, listens=self._listens) from error
        if self._settings.ping_s > 0.0:
            await self._start_pings()

    async def _start_pings(self) -> None:
        settings, clock = self._settings, self._world.clock
        token = self._ping_token = PingToken.of(self._world.secret(PingToken.SIZE))
        contacts = Contacts(
            every_s=settings.ping_s,
            silence_s=settings.ping_silence_s,
            on_contact=self._contact_changed if self._listens else self._contact_changed_elsewhere,
        )
        if self._listens:
            self._pings = answerer = Answerer(clock, token, places_of(settings.listen), contacts)
            await answerer.start()
        else:
            self._pings = caller = Caller(clock, token, places_of(settings.connect), contacts)
            caller.start()

    async def stop(self) -> None:
        """Send what is waiting, then close the session, which withdraws everything."""
        if self._renewal is not None:
            await self._renewal
        session, self._session = self._session, None
        if session is None:
            return
        pings, self._pings = self._pings, None
        if isinstance(pings, Answerer):
            pings.stop()
        outboxes = list(self._outboxes.values())
        for outbox in outboxes:
            outbox.close()
        for inbox in self._inboxes.values():
            inbox.is_closed = True
        for attendees in self._attendees.values():
            attendees.is_closed = True
        for forgotten in (
            self._outboxes,
            self._inboxes,
            self._tokens,
            self._attendees,
            self._watches,
        ):
            forgotten.clear()
        self._presence.close()
        self._presence = self._nobody()
        await asyncio.to_thread(_close, session, outboxes, pings)

    async def listen(self, address: str, receive: Receive) -> None:
        """Hand frames for ``address`` to ``receive``."""
        key = self._key("inbox", address)
        inbox = Inbox(self._running_loop, self._open_session, key, receive)
        self.ignore(address)
        self._inboxes[address] = inbox

    def ignore(self, address: str) -> None:
        """Undo ``listen``."""
        if (inbox := self._inboxes.pop(address, None)) is not None:
            inbox.close()

    def send(self, address: str, frame: bytes) -> None:
        """Queue a frame."""
        if self._session is None:
            return
        outbox = self._outboxes.get(address)
        if outbox is None:
            outbox = self._outboxes[address] = Outbox(
                self._running_loop, self._session, self._key("inbox", address)
            )
        outbox.send(frame)

    def backlog_bytes(self, address: str) -> int:
        """What is queued because ``address`` reads slowly."""
        outbox = self._outboxes.get(address)
        return outbox.backlog_bytes if outbox is not None else 0

    async def drained(self, address: str) -> None:
        """Return when the backlog is small again, or the peer is gone."""
        if (outbox := self._outboxes.get(address)) is not None:
            await outbox.drained()

    def heard_from(self, address: str) -> None:
        """The peer reads, or it would not speak."""
        if (outbox := self._outboxes.get(address)) is not None:
            outbox.unheard_bytes = 0
        self._presence.spoke(address)

    def announce(self, address: str) -> None:
        """Declare the liveliness token."""
        ping = self._ping_token.text if self._ping_token is not None else _NO_PINGS
        key = f"{self._key('alive', address)}/{ping}"
        self._tokens[address] = self._open_session.liveliness().declare_token(key)

    def withdraw(self, address: str) -> None:
        """Undeclare the liveliness token."""
        token = self._tokens.pop(address, None)
        if token is not None and self._session is not None:
            token.undeclare()

    async def watch(self, kind: str, on_presence: OnPresence) -> None:
        """Report who of ``kind`` is there, and every change."""
        if kind not in self._attendees:
            self._attendees[kind] = Attendees(self._running_loop)
            self._watch_tokens(kind)
        self._attendees[kind].add(on_presence)

    def _watch_tokens(self, kind: str) -> None:
        prefix, loop, session = self._prefix("alive"), self._running_loop, self._open_session

        def on_sample(sample: zenoh.Sample) -> None:
            key, _, ping = str(sample.key_expr).removeprefix(prefix).rpartition("/")
            is_there = sample.kind == zenoh.SampleKind.PUT
            on_loop(loop, self._token_changed, session, from_key(key), ping, is_there)

        self._watches.append(
            session.liveliness().declare_subscriber(f"{prefix}{kind}/*/*", on_sample, history=True)
        )

    # -- who is there --------------------------------------------------------------------------

    def _token_changed(
        self, session: zenoh.Session, address: str, ping: str, is_there: bool
    ) -> None:
        if self._session is not session:
            return
        token = self._presence.token(address, ping, is_there=is_there)
        if token is None:
            return
        if isinstance(self._pings, Answerer):
            (self._pings.expect if is_there else self._pings.forget)(token)
        elif is_there and address.startswith("orchestrator/"):  # nobody else answers
            clock = self._world.clock
            clock.call_at(
                clock.now() + _UNANSWERED_S, lambda: self._say_if_unanswered(token, address)
            )

    def _say_if_unanswered(self, token: PingToken, address: str) -> None:
        if self._session is not None and self._presence.is_unheard(token):
            _log.warning(
                "pings_not_answered",
                by=address,
                at=", ".join(self._settings.connect),
                so="something on the way lets no UDP through to this port: a cut cable or a frozen "
                "process is noticed later, by heartbeats or when mesh.link_lease_s is over",
            )

    def _contact_changed_elsewhere(self, name: bytes, state: State) -> None:
        on_loop(self._running_loop, self._contact_changed, name, state)

    def _contact_changed(self, name: bytes, state: State) -> None:
        if self._session is None:
            return
        is_back = state is State.IN_CONTACT and self._presence.is_lost(name)
        self._presence.contact(name, state)
        if is_back and isinstance(self._pings, Caller):
            clock, now = self._world.clock, self._world.clock.now()
            clock.call_at(now + _MUTE_S, lambda: self._renew_if_mute(name, now))

    def _presence_changed(self, address: str, is_there: bool) -> None:
        if not is_there and (outbox := self._outboxes.get(address)) is not None:
            outbox.stop_waiting()
            # What is underway to somebody who is only out of contact still fills the buffers.
            if not self._presence.has_token(address):
                outbox.close()
                del self._outboxes[address]
        attendees = self._attendees.get(address.partition("/")[0])
        if attendees is not None:
            attendees.changed(address, is_there)

    def in_contact(self) -> list[str]:
        """The addresses of processes that pings come from and go to."""
        return self._presence.in_contact()

    # -- a link that does not come back ----------------------------------------------------------

    def _renew_if_mute(self, name: bytes, since: float) -> None:
        if self._session is not None and self._presence.is_mute(name, since):
            self._renewal = self._renewal or asyncio.create_task(self._renew())

    async def _renew(self) -> None:
        """Go on over another session where the link of this one waits for TCP to try again.

        It does after an outage, for as long as that was, although there is contact again.
        """
        try:
            session = await asyncio.to_thread(
                zenoh.open, config_of(self._settings, listens=self._listens)
            )
        except zenoh.ZError as error:
            _log.warning("link_not_renewed", why=str(error))
            self._renewal = None
            return
        last, self._session = self._open_session, session
        outboxes = list(self._outboxes.values())
        for outbox in outboxes:
            outbox.close()
        self._outboxes.clear()
        self._watches.clear()
        self._presence.forget_all()
        for inbox in self._inboxes.values():
            inbox.move_to(session)
        for kind in self._attendees:
            self._watch_tokens(kind)
        for address in self._tokens:
            self.announce(address)
        await asyncio.to_thread(_close, last, outboxes, None)
        self._renewal = None

    def _key(self, what: str, address: str) -> str:
        return self._prefix(what) + as_key(address)

    def _prefix(self, what: str) -> str:
        return f"cogmesh/{self._settings.name}/{what}/"

    @property
    def _open_session(self) -> zenoh.Session:
        if self._session is None:
            raise FabricError("the fabric is not open: call start() first")
        return self._session

    @property
    def _running_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            raise FabricError("the fabric is not open: call start() first")
        return self._loop


def _close(session: zenoh.Session, outboxes: list[Outbox], pings: Answerer | Caller | None) -> None:
    for outbox in outboxes:
        outbox.wait_until_sent()
    session.close()
    if isinstance(pings, Caller):
        pings.stop()
