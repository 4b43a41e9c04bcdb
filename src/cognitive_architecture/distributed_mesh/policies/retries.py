"""Whether a failed attempt is followed by another, and when."""

from __future__ import annotations

from cognitive_architecture.distributed_mesh.model import TaskOptions


def retry_pause_s(
    options: TaskOptions, *, failed_attempts: int, backoff_max_s: float, chance: float
) -> float | None:
    """Seconds until the next attempt, or ``None`` if the attempts are used up.

    The pause doubles with each failure, from ``options.backoff_s`` up to ``backoff_max_s``, and
    is shortened by up to a half at random, so that tasks that failed together do not come back
    together ("equal jitter", M. Brooker, Exponential Backoff And Jitter, 2015).

    Args:
        options: Of the task.
        failed_attempts: How many there were, at least 1.
        backoff_max_s: Longest pause.
        chance: A fresh draw, 0 to 1.
    """
    if failed_attempts >= options.max_attempts:
        return None
    doublings = min(failed_attempts - 1, 60)  # 2 ** 60 is beyond any limit, 2 ** 2000 no float
    longest = min(options.backoff_s * 2.0**doublings, backoff_max_s)
    return longest * (1.0 - 0.5 * chance)
