"""Is a node alive and of no use? Its heart beats, and the work does not move.

Source: P. Huang et al., Gray Failure: The Achilles' Heel of Cloud-Scale Systems, 2017: what the
node sees of itself and what others see of it differ. So none of these asks the node how it is;
they compare it with its peers, or with what it should have heard.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Final

from cognitive_architecture.distributed_mesh.policies.histogram import Histogram

from .findings import Finding

SLOWER: Final = 10.0
"""So many times slower than its peers is no longer a slow machine."""

QUICK_AGAIN: Final = 5.0
"""A node that was found slow is as its peers again when it is less than so many times slower."""

_SAMPLES_MIN: Final = 20
_PROBES_MIN: Final = 5
"""So few attempts are enough to let a node off: it is watched while it does them."""

_SLOW_FROM_S: Final = 0.05
"""What is done in less than this is not worth a suspicion, however it compares."""

_QUIET_FROM_S: Final = 5.0
"""A busy moment of the whole machine may be as long; tasks that wait at a node count as held."""


def slower_than_peers(node_id: str, durations: Mapping[str, Histogram]) -> Finding | None:
    """Whether a node takes ten times as long as its peers for the same capability.

    Args:
        node_id: Whom it is about.
        durations: Seconds of the attempts that went well, by node; only peers with enough of them
            are asked.
    """
    own = durations.get(node_id)
    of_peers = _medians_of_peers(node_id, durations)
    if own is None or own.count < _SAMPLES_MIN or not of_peers:
        return None
    mine, usual = own.quantile(0.5), median(of_peers)
    if mine < _SLOW_FROM_S or mine < SLOWER * usual:
        return None
    return Finding(
        f"half of its attempts take {mine:.3g} s and more, those of its peers {usual:.3g} s",
        {"median_s": mine, "median_of_peers_s": usual, "peers": len(of_peers)},
    )


def is_quick_again(node_id: str, durations: Mapping[str, Histogram]) -> bool:
    """Whether a node that was found slow is as its peers now, or has none any more.

    Args:
        node_id: Whom it is about.
        durations: As for ``slower_than_peers``; the node's own since it was found slow.
    """
    own = durations.get(node_id)
    if own is None or own.count < _PROBES_MIN:
        return False
    of_peers = _medians_of_peers(node_id, durations)
    mine = own.quantile(0.5)
    return not of_peers or mine < max(_SLOW_FROM_S, QUICK_AGAIN * median(of_peers))


def _medians_of_peers(node_id: str, durations: Mapping[str, Histogram]) -> list[float]:
    return [
        peer.quantile(0.5)
        for other, peer in durations.items()
        if other != node_id and peer.count >= _SAMPLES_MIN
    ]


def quiet_limit_s(usual_p99_s: float) -> float:
    """For how long a node may hold work and finish nothing; of what it holds, the longest counts.

    Args:
        usual_p99_s: What 99 of 100 attempts take at most, anywhere.
    """
    return max(_QUIET_FROM_S, SLOWER * usual_p99_s)


def nothing_finished(
    *, oldest_held_s: float, since_outcome_s: float, usual_p99_s: float, samples: int
) -> Finding | None:
    """Whether a node holds work, and nothing of it comes to an end.

    Args:
        oldest_held_s: Since when it holds the oldest of its attempts.
        since_outcome_s: Since when it has reported no outcome, of any attempt.
        usual_p99_s: What 99 of 100 attempts of this capability take at most, anywhere.
        samples: How many attempts that is known from.
    """
    quiet_s = min(oldest_held_s, since_outcome_s)
    if samples < _SAMPLES_MIN or quiet_s < quiet_limit_s(usual_p99_s):
        return None
    return Finding(
        f"it holds work and has finished nothing for {quiet_s:.1f} s; "
        f"99 of 100 such attempts take {usual_p99_s:.3g} s at most",
        {"quiet_s": round(quiet_s, 3), "usual_p99_s": usual_p99_s},
    )


def hears_nothing(
    *, said: int, answered: int, since_answer_s: float, floor_s: float
) -> Finding | None:
    """Whether a node speaks and does not hear what is said to it.

    Args:
        said: Number of its latest heartbeat.
        answered: Number of the latest heartbeat whose answer it says it has heard.
        since_answer_s: Since when that number has not grown.
        floor_s: No shorter time counts.
    """
    missed = said - answered
    if missed < 3 or since_answer_s < floor_s:
        return None
    return Finding(
        f"it is heard and does not hear: its last {missed} heartbeats were answered, and for "
        f"{since_answer_s:.1f} s no answer has reached it",
        {"unanswered": missed, "since_answer_s": round(since_answer_s, 3)},
    )


def shared(capability: str, *, gray: int, able: int) -> Finding | None:
    """Whether so many nodes are of no use that it is something they share, and not they.

    Then nothing is taken from any of them: nobody else could do it better.

    Args:
        capability: What they are of no use at.
        gray: How many of them are, or will be in a moment.
        able: How many offer it at all.
    """
    if 2 * gray <= able:
        return None
    if able <= 1:
        why = f"no other node offers {capability}, so nothing is taken from it"
    else:
        why = f"{gray} of {able} nodes that offer {capability} are so: it is something they share"
    return Finding(why, {"gray": gray, "able": able})
