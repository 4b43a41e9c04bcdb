"""Bugs in the shells of the orchestrator: how its decisions are carried out."""

from __future__ import annotations

from .planting import Bug

_DISPATCHER = "orchestrator.dispatcher:Dispatcher."
_RECEPTION = "orchestrator.reception:Reception."
_POST = "post:Post."
_ALARM = "alarm_clock:AlarmClock."

SHELLS = (
    Bug(
        _DISPATCHER + "_commit_what_waits",
        "tickets, batch = self._take_waiting()",
        "tickets, batch = self._take_waiting()\n    batch.attempts = batch.attempts[:1]",
        "of the failed attempts of one commit only the first is written",
    ),
    Bug(
        _DISPATCHER + "_take_waiting",
        "tickets, self._tickets = self._tickets, []",
        "tickets, self._tickets = self._tickets[:4], []",
        "of the writes of one commit only the first few are answered",
    ),
    Bug(
        _DISPATCHER + "_commit_what_waits",
        "    if commit.done():\n",
        "    self.feed(Written(tickets, {}))\n    tickets = []\n    if commit.done():\n",
        "a commit is taken for durable when it begins",
    ),
    Bug(
        _DISPATCHER + "_committed",
        "self._not_committed(tickets, error)",
        "pass",
        "nobody hears that the store refused a commit",
    ),
    Bug(
        _DISPATCHER + "_commit_returned",
        "self.settle()",
        "pass",
        "what became durable waits for the next event",
    ),
    Bug(
        _ALARM + "ring_by",
        "if instant >= self._rings_at:",
        "if self._timer is not None:",
        "an alarm that is set is never set earlier",
    ),
    Bug(
        _ALARM + "_ring",
        "self._rings_at = math.inf",
        "pass",
        "the alarm rings once",
    ),
    Bug(
        _DISPATCHER + "_look_up",
        "if unknown:",
        "if False:",
        "who asks for a task that nobody knows is never answered",
    ),
    Bug(
        _DISPATCHER + "_look_up",
        "if wanted.address in watching(one)",
        "if True",
        "a task that came and ended while the store was asked is unknown",
    ),
    Bug(
        _DISPATCHER + "_still_owns_the_store",
        "await self._store.commit(WriteBatch())",
        "pass",
        "one that was deposed says of its heir's tasks that nobody knows them",
    ),
    Bug(
        _DISPATCHER + "_not_committed",
        "self._on_fatal(error)",
        "pass",
        "an orchestrator that was deposed goes on",
    ),
    Bug(
        "adapters.memory_store:MemoryTaskStore._refuse_if_not_the_owner",
        "if self._disk.epoch != self._epoch:",
        "if False:",
        "an owner before may still write",
    ),
    Bug(
        "adapters.memory_store:MemoryTaskStore.open",
        "self._disk.epoch += 1",
        "self._disk.epoch = max(1, self._disk.epoch)",
        "an heir has the epoch of the owner before",
    ),
    Bug(
        _DISPATCHER + "stop",
        "self.release()",
        "pass",
        "an orchestrator that stops keeps the store",
    ),
    Bug(
        _RECEPTION + "_on_delivery",
        "dispatcher.settle()",
        "pass",
        "what was said is acted on at the next alarm",
    ),
    Bug(
        _RECEPTION + "_on_delivery",
        "for message in messages:",
        "for message in messages[:3]:",
        "of a long letter only the beginning is read",
    ),
    Bug(
        _RECEPTION + "_on_node_presence",
        "self._heard_on.pop(address, None)",
        "return",
        "that a node is gone is found out by its silence alone",
    ),
    Bug(
        _RECEPTION + "_on_client_presence",
        "self._posts[fabric].tell(address, m.Introduce())",
        "pass",
        "a client that was forgotten is not told so",
    ),
    Bug(
        _POST + "flush",
        "outgoing, self._outgoing = self._outgoing, {}",
        "outgoing = dict(self._outgoing)",
        "what was said is said again with whatever is said next",
    ),
    Bug(
        _POST + "tell",
        "self._outgoing[address] = bag = self._waiting.pop(address, [])",
        "self._outgoing[address] = bag = []",
        "what can wait is said after what came later",
    ),
    Bug(
        _POST + "_send_waiting",
        "self._outgoing.setdefault(address, []).extend(self._waiting.pop(address))",
        "self._outgoing.setdefault(address, []).extend(self._waiting.pop(address)[:1])",
        "of what can wait only the first is said",
    ),
)
