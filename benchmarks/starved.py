"""How late a starved process gets its turns: measured, and what was measured once.

    python -m benchmarks.starved

A process sleeps beside twelve others for each core that only burn CPU. Its event loop wakes twice
a second and needs two milliseconds of CPU, as a node does at its heartbeat; a thread of it wakes
as often as is pinged and needs nothing. It is *crowded* where it has the priority of the others,
and *outranked* where it has the lowest there is (nice 19).

The figures below were measured for 15 minutes in two processes each, on Linux 6.18 with two cores
and 17 to 29 processes that wanted them; the thread woke four times a second then. A loop is as late
as it is behind its plan when it has done its work, a thread when it wakes.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import threading
import time
from typing import Final

import numpy as np

from .heartbeats import BEAT_S, PING_S, Lateness

SHARES: Final = (0.0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 1.0)
CROWDED_LOOP: Final = Lateness(
    SHARES,
    (0.00017, 0.001, 0.0064, 0.033, 0.075, 0.14, 0.23, 0.32, 0.51, 0.64, 0.7, 1.4, 1.7),
)
CROWDED_THREAD: Final = Lateness(
    SHARES,
    (0.0001, 0.00011, 0.002, 0.014, 0.036, 0.07, 0.12, 0.19, 0.26, 0.41, 0.52, 0.69, 0.93),
)
OUTRANKED_LOOP: Final = Lateness(
    SHARES,
    (0.00022, 0.014, 0.035, 0.17, 0.33, 0.57, 1.1, 1.6, 2.1, 2.8, 3.9, 4.6, 5.7),
)
OUTRANKED_THREAD: Final = Lateness(
    SHARES,
    (0.0001, 0.00011, 0.003, 0.026, 0.096, 0.19, 0.43, 0.72, 1.1, 1.7, 2.0, 2.6, 5.7),
)

_WORK_S: Final = 0.002
_BURNERS_A_CORE: Final = 12


def main() -> None:
    """Measure it here."""
    parser = argparse.ArgumentParser(prog="starved", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--nice", type=int, default=0, help="19: outranked")
    arguments = parser.parse_args()
    burners = [
        multiprocessing.Process(target=_burn, daemon=True)
        for _ in range(_BURNERS_A_CORE * (os.cpu_count() or 1))
    ]
    for burner in burners:
        burner.start()
    if arguments.nice:
        os.nice(arguments.nice)
    loop, thread = asyncio.run(_measured(arguments.seconds))
    for burner in burners:
        burner.kill()
    for name, late in (("loop", loop), ("thread", thread)):
        quantiles = np.quantile(late, SHARES)
        print(name, len(late), [float(f"{seconds:.2g}") for seconds in quantiles])


async def _measured(seconds: float) -> tuple[list[float], list[float]]:
    loop: list[float] = []
    thread: list[float] = []
    end = time.monotonic() + seconds
    pinger = threading.Thread(target=_wake_again_and_again, args=(thread, end))
    pinger.start()
    while (began := time.monotonic()) < end:
        await asyncio.sleep(BEAT_S)
        used = time.thread_time()
        while time.thread_time() - used < _WORK_S:
            pass
        loop.append(time.monotonic() - began - BEAT_S - _WORK_S)
    pinger.join()
    return loop, thread


def _wake_again_and_again(late: list[float], end: float) -> None:
    while (began := time.monotonic()) < end:
        time.sleep(PING_S)
        late.append(time.monotonic() - began - PING_S)


def _burn() -> None:
    while True:
        pass


if __name__ == "__main__":
    main()
