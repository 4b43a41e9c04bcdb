"""Bugs in nodes and clients."""

from __future__ import annotations

from .planting import Bug

_RUNTIME = "node.runtime:NodeRuntime."
_TALK = "node.conversation:NodeConversation."
_REPORTING = "node.reporting:Reporting."
_ASSIGNMENTS = "node.assignments:Assignments."
_SLOTS = "node.slots:SlotPool."
_CALLING = "node.calling:Calling."
_ACCOUNT = "node.account:Account."
_CONVERSATION = "client.conversation:Conversation."
_LISTENING = "client.listening:Listening."
_SUBMITTING = "client.submitting:Submitting."

MEMBERS = (
    # -- nodes
    Bug(
        _REPORTING + "tell_again",
        "for report in self._account.unkept:",
        "for report in ():",
        "after a reunion only the heartbeat brings reports",
    ),
    Bug(
        _REPORTING + "tell_again",
        "for chunk in self._account.chunks:",
        "for chunk in ():",
        "after a reunion the pieces of a stream are not told again",
    ),
    Bug(
        _REPORTING + "tell_what_is_due",
        "for report in self._account.overdue(now, after_s=_REPEAT_AFTER_S):",
        "for report in ():",
        "a report that was not heard is not said again",
    ),
    Bug(
        _RUNTIME + "_hello",
        "self._account.claims,",
        "[],",
        "a returning node does not say what it works on",
    ),
    Bug(
        _ASSIGNMENTS + "_count_done",
        "self._account.done += count",
        "pass",
        "credits of what was stopped or handed back are lost",
    ),
    Bug(
        _ASSIGNMENTS + "stop",
        "self._count_done(self._pool.stop(lease, reason))",
        "pass",
        "a node does not stop what it is told to stop",
    ),
    Bug(
        _ASSIGNMENTS + "take",
        "if self._account.is_draining:",
        "if False:",
        "a draining node begins what it is still sent",
    ),
    Bug(
        _TALK + "_on_orchestrator",
        "self._orchestrator = self._known_orchestrators.latest",
        "self._orchestrator = address if is_there else None",
        "a node forgets the orchestrators beside the one it talks with",
    ),
    Bug(
        _TALK + "until_heard",
        "self._farewell = last.number",
        "return",
        "a leaving node does not wait until its goodbye is heard",
    ),
    Bug(
        _RUNTIME + "drain",
        "while self._pool.running() and self._clock.now() < deadline:",
        "while self._pool.running():",
        "a node that drains waits for a handler that never ends",
    ),
    Bug(
        _TALK + "asks_again",
        "if error.retryable and now - self._refused_since < self._settings.rejoin_s:",
        "if error.retryable:",
        "a node whose id is taken asks for ever",
    ),
    Bug(
        _SLOTS + "stop",
        "slot.is_reported = True  # nobody wants to hear of it",
        "pass",
        "a stopped attempt is reported as failed",
    ),
    Bug(
        _SLOTS + "stop",
        "left = [waiting for waiting in queue if waiting.lease != lease]",
        "left = list(queue)",
        "what waits at a node is begun although it was stopped",
    ),
    Bug(
        _SLOTS + "_attempt",
        "    self._timeouts.ring_by(slot.deadline)\n",
        "",
        "a node does not end attempts at their timeout",
    ),
    Bug(
        _SLOTS + "_end_overdue_attempts",
        "self._timeouts.ring_by(",
        "(",
        "of the attempts on a node only the first ends at its timeout",
    ),
    Bug(
        _SLOTS + "_end_overdue_attempts",
        "            self._interrupt(slot, reason)\n",
        "",
        "an attempt that timed out goes on",
    ),
    Bug(
        _SLOTS + "_attempt",
        "while slot.task.cancelling():",
        "while False:",
        "a slot that was stopped stops the next attempt as well",
    ),
    Bug(
        _SLOTS + "_report",
        "if slot.is_reported or slot.work is None:",
        "if slot.work is None:",
        "an attempt is reported twice",
    ),
    Bug(
        _SLOTS + "put",
        "for _ in range(min(len(self._idle), self.queued)):",
        "for _ in range(min(1, len(self._idle), self.queued)):",
        "of several idle slots only one is woken",
    ),
    Bug(
        _CALLING + "_stream",
        "index += 1",
        "index += 1 if index < 2 else 0",
        "the pieces of a longer stream are numbered wrongly",
    ),
    Bug(
        _ACCOUNT + "kept",
        "self._claims.pop(outcome.lease, None)",
        "pass",
        "a node claims for ever what it has reported",
    ),
    Bug(
        _ACCOUNT + "report",
        "self._unkept[report.number] = (now, report)",
        "pass",
        "a node forgets what it has reported at once",
    ),
    Bug(
        _ACCOUNT + "take",
        "self.received += 1",
        "self.received += 1 if len(self._claims) < 2 else 0",
        "a node counts too few of what it receives",
    ),
    # -- clients
    Bug(
        _CONVERSATION + "_begin_anew",
        "for request in self._requests.values():",
        "for request in ():",
        "what was not answered is not said again to a new orchestrator",
    ),
    Bug(
        _CONVERSATION + "_begin_anew",
        "self._on_reunion()",
        "pass",
        "a new orchestrator is not asked for what a client waits for",
    ),
    Bug(
        _CONVERSATION + "_give_up_overdue",
        "if self._requests:",
        "if False:",
        "only the first request that is never answered is given up",
    ),
    Bug(
        _LISTENING + "ask_again",
        "if self._streams:",
        "if False:",
        "a new orchestrator is not asked for what a client follows",
    ),
    Bug(
        _LISTENING + "_on_not_found",
        "if task_id in on_their_way:",
        "if False:",
        "a task on its way is taken for unknown",
    ),
    Bug(
        _LISTENING + "arrived",
        "if not self._unknown_yet:",
        "if True:",
        "who follows a task on its way that is refused waits for ever",
    ),
    Bug(
        _LISTENING + "is_repetition",
        "self.ask_for(earlier, on_ending)",
        "pass",
        "who waits for a task that repeats another is never told",
    ),
    Bug(
        _LISTENING + "events",
        "if (event.attempt, event.index) <= heard:",
        "if False:",
        "pieces of a stream are passed on twice",
    ),
    Bug(
        _SUBMITTING + "_sort_out",
        "for place, fault in answer.refused:",
        "for place, fault in ():",
        "who waits for a task that is refused is never told",
    ),
)
