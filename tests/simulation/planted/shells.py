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
        _DISPATCHER + "_commit_what_waits",
        "if not self._tickets or self._commit is not None:",
        "if not self._tickets or (self._commit is not None and len(self._tickets) % 2):",
        "a second commit begins before the first is answered",
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
        "if missing:",
        "if False:",
        "who asks for a task that nobody knows is never answered",
    ),
    Bug(
        _DISPATCHER + "stop",
        "        self._commit_what_waits()\n",
        "        break\n",
        "an orchestrator that stops leaves writes behind",
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
