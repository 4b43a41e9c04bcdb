"""Is something wrong? Each detector is pure: evidence in, a finding with its sentence out.

    silence      nothing was heard for longer than the node's own rhythm explains
    gray         alive and not at work: nothing is finished, one direction is dead, ten times slower
    stall        a stream that stopped in the middle
    thresholds   a measure beyond its limit, told once
    flapping     comes and goes too often
    partition    many vanish at once: it is the network, and not they

Whoever asks decides what to do about it (``policies/recovery.py``).
"""

from .findings import Finding

__all__ = ["Finding"]
