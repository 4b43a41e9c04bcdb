"""Bugs in the dispatch machine: what it decides."""

from __future__ import annotations

from .planting import Bug

_ATTENDANCE = "machines.attendance:"
_OUTCOMES = "machines.outcomes:"
_INTAKE = "machines.intake:"
_CANCELLING = "machines.cancelling:"
_HEDGING = "machines.hedging:"
_LEASING = "machines.leasing:"
_FAILING = "machines.failing:"
_LEASES = "machines.leases:LeaseTable."

MACHINES = (
    # -- results and leases
    Bug(
        _OUTCOMES + "on_reported",
        "if entry is None or entry.seat is not seat:",
        "if entry is None:",
        "a node may report under a lease that is another's",
    ),
    Bug(
        _OUTCOMES + "on_reported",
        "if board.writes.will_keep(event.address, event.number):",
        "if False:",
        "a report of a node that was given up is answered before it is durable",
    ),
    Bug(
        _OUTCOMES + "on_reported",
        "kept = [] if is_repeated else [",
        "kept = [",
        "a report that is said again is answered before the first is durable",
    ),
    Bug(
        _OUTCOMES + "_accept",
        "if len(chunks) != outcome.chunks:",
        "if False:",
        "a stream is accepted although pieces of it are missing",
    ),
    Bug(
        _OUTCOMES + "_accept",
        "leasing.take_back(board, entry, cost=cost)",
        "pass",
        "the lease of a completed task stays valid",
    ),
    Bug(
        _OUTCOMES + "fail",
        "for_good = outcome.kind == OutcomeKind.FAILED_FOR_GOOD",
        "for_good = outcome.kind != OutcomeKind.TIMED_OUT",
        "a task is given up at its first failure",
    ),
    Bug(
        "machines.aftermath:Aftermath.write",
        "return [*self.effects, board.writes.order(pending)]",
        "return [*self.effects, *replies, board.writes.order(pending)]",
        "a node may forget its report before it is durable",
    ),
    Bug(
        _LEASES + "grant",
        "self._next = lease = self._next + 1",
        "lease = self._next + 1 + len(self._held)",
        "a lease is given out twice",
    ),
    Bug(
        _LEASES + "end",
        "return self._held.pop(lease, None)",
        "return self._held.get(lease)",
        "a lease that was used up is valid still",
    ),
    Bug(
        _LEASES + "expired",
        "while self.next_deadline <= now:",
        "while self.next_deadline <= now - 5000.0:",
        "a lease whose node does not end it never expires",
    ),
    Bug(
        _LEASING + "lease_out",
        "deadline = now + entry.spec.timeout_s + board.settings.timeout_grace_s",
        "deadline = now + 0.5 * entry.spec.timeout_s",
        "an attempt is ended at half of its time",
    ),
    Bug(
        _LEASING + "lease_out",
        "    seat.sent += 1\n",
        "",
        "a node is sent more than it asked for",
    ),
    Bug(
        _FAILING + "_end_attempt",
        "entry.attempts = (*entry.attempts, attempt)",
        "entry.attempts = (*entry.attempts[-1:], attempt)",
        "only the last two failed attempts are remembered",
    ),
    Bug(
        _FAILING + "lose",
        "entry.losses += 1",
        "entry.losses += 3",
        "a lost node counts three times against its task",
    ),
    Bug(
        _FAILING + "carry_out",
        "resting.rest(board, entry, now + pause_s)",
        "resting.rest(board, entry, now + pause_s) if pause_s < 0.4 else None",
        "a task with a longer pause between attempts is forgotten",
    ),
    Bug(
        _LEASING + "take_back",
        "entry.chunks = None",
        "pass",
        "the next attempt's stream begins with the pieces of the one before",
    ),
    Bug(
        _LEASING + "reclaim",
        "if entry.phase is Phase.QUEUED:",
        "if False:",
        "a task that a returning node goes on with is given to another as well",
    ),
    # -- nodes
    Bug(
        _ATTENDANCE + "_unseat",
        "for lease in sorted(seat.leases):",
        "for lease in sorted(seat.leases)[:1]:",
        "of a lost node's tasks only the first is given to others",
    ),
    Bug(
        _ATTENDANCE + "on_drains",
        "seat.is_draining = True",
        "pass",
        "a node that drains is sent more",
    ),
    Bug(
        _ATTENDANCE + "on_arrived",
        "seat.sent = event.received",
        "seat.sent = 0",
        "a node that comes back is sent what it asked for once more",
    ),
    Bug(
        _ATTENDANCE + "_may_go_on",
        "return entry.phase in (Phase.QUEUED, Phase.RESTING) and not any(",
        "return not any(",
        "a returning node goes on with a task that is another's",
    ),
    Bug(
        _ATTENDANCE + "_may_go_on",
        "and not any(",
        "or any(",
        "a lease whose failure was noted is made valid again",
    ),
    Bug(
        _ATTENDANCE + "on_measured",
        "return effects + _lost_on_the_way(board, seat, held.union(event.reported), passed, now)",
        "return effects",
        "an assignment that was lost on its way is waited for until it times out",
    ),
    Bug(
        _ATTENDANCE + "_lost_on_the_way",
        "if entry is not None and lease <= passed.lease:",
        "if entry is not None:",
        "an assignment that is on its way is taken for lost",
    ),
    Bug(
        _ATTENDANCE + "on_measured",
        "passed = seat.pass_by(event.heard)",
        "passed = seat.pass_by(event.beat - 1)",
        "an answer that was given is taken for heard, and what was sent before it for arrived",
    ),
    Bug(
        _ATTENDANCE + "on_measured",
        "return [Tell(event.address, Introduce())]",
        "return []",
        "a node that was given up in error is never taken back",
    ),
    Bug(
        _OUTCOMES + "queue_again",
        "effects += queueing.queue(board, [entry])",
        "pass",
        "what a node hands back is forgotten",
    ),
    Bug(
        _OUTCOMES + "queue_again",
        'leasing.take_back(board, entry, f"handed back: {reason}")',
        "entry.lease = 0",
        "the lease of what was handed back stays valid",
    ),
    Bug(
        "machines.roster:Seat.reconcile",
        "self.sent = min(self.sent, received + self.assigned - passed.assigned)",
        "pass",
        "credits of assignments that were lost on their way are never given back",
    ),
    # -- requesters
    Bug(
        _INTAKE + "on_submitted",
        "return [board.writes.order(PendingWrite(WriteBatch(tasks=new), submission=submission))]",
        "return [board.writes.order(PendingWrite(WriteBatch(tasks=new), submission=submission)),"
        " _acknowledge(board, submission)]",
        "a task is acknowledged before it is durable",
    ),
    Bug(
        _INTAKE + "_admitted",
        "effects += _never_came_to_be(board, entry)",
        "effects += queueing.queue(board, [entry])",
        "a task that repeats another is begun as well",
    ),
    Bug(
        _INTAKE + "_crowded",
        "if len(board.entries) >= settings.queue_tasks_max:",
        "if len(board.entries) > settings.queue_tasks_max + 2:",
        "the queue exceeds its bound",
    ),
    Bug(
        _INTAKE + "on_write_failed",
        "board.writes.keep_for_later(pending)",
        "pass",
        "what a full disk refused is never written",
    ),
    Bug(
        _INTAKE + "on_write_failed",
        "effects += _never_came_to_be(board, entry)",
        "pass",
        "a task that the disk refused stays in the queue's books",
    ),
    Bug(
        _CANCELLING + "_cancel",
        "if entry.phase in (Phase.WRITING, Phase.CLOSING):",
        "if entry.phase is Phase.WRITING:",
        "a task that has ended is cancelled on its way to the disk",
    ),
    Bug(
        _CANCELLING + "_cancel",
        "left = [task_id] if entry.phase is Phase.WRITING else []",
        "left = []",
        "a cancellation that comes while its task is being written is forgotten",
    ),
    Bug(
        _CANCELLING + "_cancel",
        "leasing.take_back(board, entry, _WHY, cost=board.charges.of_failure(ran_s))",
        "pass",
        "the lease of a cancelled task stays valid",
    ),
    Bug(
        _CANCELLING + "_cancel",
        "effects.append(Tell(entry.seat.address, Stop([(entry.lease, _WHY)])))",
        "pass",
        "a node is not told that its task was cancelled",
    ),
    Bug(
        _INTAKE + "on_watch",
        "if elsewhere:",
        "if False:",
        "who asks for a task that has ended is never answered",
    ),
    Bug(
        _INTAKE + "on_found",
        "resting.rest(board, entry, now + board.settings.rejoin_grace_s)",
        "resting.rest(board, entry, now + board.settings.rejoin_grace_s)"
        " if entry.attempts else None",
        "after a restart only tasks that failed before go on",
    ),
    Bug(
        "machines.watching:Watchers.endings",
        "elif address != teller:",
        "elif teller is None:",
        "of two who wait for a task only the first is told",
    ),
    Bug(
        "machines.writing:PendingWrites.try_again",
        "return [self.order(pending) for pending in refused]",
        "return [self.order(pending) for pending in refused[:1]]",
        "of what a full disk refused only the first is written",
    ),
    # -- placement and order
    Bug(
        "machines.lines:Line.leave",
        "self.waiting -= 1",
        "pass",
        "a lane counts those who have left",
    ),
    Bug(
        "machines.seats:SeatIndex._front",
        "if seat.is_draining or seat.withheld or seat.sent >= seat.granted:",
        "if seat.withheld or seat.sent > seat.granted:",
        "a draining node, or one without room, is sent one more",
    ),
    Bug(
        "machines.dispatch:DispatchMachine.on_timer",
        "effects += board.writes.try_again()",
        "pass",
        "what a full disk refused is not tried again",
    ),
    Bug(
        "policies.retries:retry_pause_s",
        "if failed_attempts >= options.max_attempts:",
        "if failed_attempts > options.max_attempts:",
        "a task has one attempt too many",
    ),
    Bug(
        "policies.scheduling:AgeingOrder.key",
        "waiting_since - (spec.priority + levels)",
        "waiting_since + (spec.priority + levels)",
        "the least urgent task goes first",
    ),
    # -- second attempts
    Bug(
        _HEDGING + "find_late",
        "if entry.chunks is not None or entry.spec.rare.exclusive:",
        "if entry.chunks is not None:",
        "a task that must not be begun twice is begun on a second node",
    ),
    Bug(
        _HEDGING + "find_late",
        "if entry.hedge is not None:",
        "if False:",
        "a task is begun on a third node",
    ),
    Bug(
        _HEDGING + "_idle",
        "        and seat is not entry.seat\n",
        "",
        "the second attempt may be on the node of the first",
    ),
    Bug(
        _HEDGING + "call_off",
        "leasing.end_run(board, entry, reason)",
        "pass",
        "both results of a task that was begun twice are wanted",
    ),
    Bug(
        _HEDGING + "call_off",
        "    entry.turn_to(lease)\n",
        "",
        "the node whose result came first is stopped in the books, not the other",
    ),
    Bug(
        _LEASING + "lease_out_again",
        "board.hedges.spend()",
        "pass",
        "second attempts cost nothing of their budget",
    ),
    Bug(
        _LEASING + "lease_out_again",
        'board.shares.reserve(board.shares.account(entry.spec.requester or ""), hedge.reserved)',
        "pass",
        "nothing is reserved for a second attempt",
    ),
    Bug(
        _LEASING + "end_run",
        "spent = take_back(board, entry, reason)",
        "spent = take_back(board, entry, reason, cost=entry.reserved)",
        "an attempt that was overtaken is charged",
    ),
    Bug(
        _ATTENDANCE + "_lose",
        "aftermath.effects += hedging.end_run(board, entry, reason, now)",
        "pass",
        "of a task that was begun twice the run on a lost node is kept",
    ),
    # -- recovery
    Bug(
        "machines.recovery:after_task_lost",
        "killed = tuple(sorted({*killed_by(entry.attempts), seat.node_id}))",
        "killed = ()",
        "a task that ends its nodes is never quarantined",
    ),
    Bug(
        "machines.recovery:has_peer",
        "        and board.circuits.is_closed(other.node_id, capability)\n",
        "",
        "the last node is left alone with a capability as well",
    ),
    Bug(
        "machines.circuits:NodeCircuits.half_opened",
        "if one.is_shut and now >= one.until",
        "if one.is_shut and now >= one.until + 5000.0",
        "a circuit that has opened stays open",
    ),
    Bug(
        "machines.recovery:stage_of",
        "return sum(attempt.outcome == FELL_BACK for attempt in attempts)",
        "return 0",
        "a task falls back to the same capability again and again",
    ),
    Bug(
        "machines.recovery:failed_in_stage",
        "        if attempt.outcome == FELL_BACK:\n            break\n",
        "",
        "attempts before a fallback count against it",
    ),
    Bug(
        _FAILING + "fall_back",
        "entry.spec = replace(entry.spec, task_type=capability)",
        "pass",
        "a task that falls back asks for the same as before",
    ),
    # -- the economy
    Bug(
        _OUTCOMES + "_accept",
        "cost = board.charges.of_result(spec, run_s, outcome.tokens)",
        "cost = 2 * board.charges.of_result(spec, run_s, outcome.tokens)",
        "a result is charged twice",
    ),
    Bug(
        _LEASING + "settle",
        "balances.append(Balance(name, due.cost, lag, board.wall_offset + now))",
        "balances.append(Balance(name, due.reserved, lag, board.wall_offset + now))",
        "what was reserved is charged, not what it cost",
    ),
    Bug(
        _LEASING + "take_back",
        "due.reserved += entry.reserved",
        "due.reserved += entry.reserved if cost else 0",
        "what is reserved for an attempt that costs nothing is never given back",
    ),
    Bug(
        _FAILING + "carry_out",
        "attempt = _end_attempt(board, entry, FELL_BACK, reason, now, cost=cost)",
        "attempt = _end_attempt(board, entry, FELL_BACK, reason, now)",
        "the last attempt before a fallback is free",
    ),
    Bug(
        "machines.shares:Shares.settle",
        "account.running -= attempts",
        "account.running -= min(attempts, 1)",
        "of attempts that end together one is counted out",
    ),
    Bug(
        _CANCELLING + "_cancel",
        "ran_s = now - entry.leased_at",
        "ran_s = now",
        "a cancelled task is charged since the orchestrator began",
    ),
    Bug(
        "machines.shares:Shares.reserve",
        "account.escrow += cost",
        "account.escrow = cost",
        "what is reserved for the attempts before is forgotten",
    ),
)
