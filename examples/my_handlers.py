"""Handlers of your own: what a node can do, as plain Python functions.

    cogmesh handlers --file examples/my_handlers.py     what is in here
    cogmesh node --handlers examples/my_handlers.py     a node that offers it
    cogmesh submit word_count -p '{"text": "one two two"}' --wait
    cogmesh submit haiku -p '{"about": "rain"}' --follow
    cogmesh submit primes -p '{"below": 2000000}' --wait
    cogmesh submit nap -p '{"seconds": 20}' --follow

A handler takes the payload (a JSON object) and the running task, and returns what JSON can say.
The mesh queues its tasks, repeats them where they fail, and accepts each result once.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from cognitive_architecture.distributed_mesh import RunningTask, handles
from cognitive_architecture.foundation.errors import PermanentFailure


# A plain function runs in a thread of the node, so it may block: read files, ask a web server.
@handles("word_count")
def word_count(payload: dict[str, Any], task: RunningTask) -> dict[str, Any]:
    """Count the words of a text."""
    text = payload.get("text")
    if not isinstance(text, str):
        # Anything else that is raised is tried again; this says that it would not help.
        raise PermanentFailure(f"text: a string is required, not {text!r}")
    words = text.lower().split()
    # Whoever follows the task sees this at once.
    task.progress(0.5, f"{len(words)} words read")
    return {"words": len(words), "most_common": Counter(words).most_common(3)}


# A coroutine runs on the node's own event loop: right for whatever waits more than it computes.
# This one takes its time, so there is some for looking on, cancelling, or killing the node.
@handles("nap")
async def nap(payload: dict[str, Any], task: RunningTask) -> dict[str, Any]:
    """Do nothing for some seconds, and tell how far it is."""
    seconds = int(payload.get("seconds", 10))
    for second in range(seconds):
        task.progress(second / seconds, f"{seconds - second} s to go")
        await asyncio.sleep(1.0)
    return {"slept_s": seconds, "attempt": task.attempt}


# An async generator streams: each value it yields travels to whoever follows the task while the
# next one is made. The result is the list of all of them.
@handles("haiku")
async def haiku(payload: dict[str, Any], task: RunningTask) -> AsyncIterator[str]:
    """Write a small poem, word by word."""
    about = str(payload.get("about", "nothing"))
    poem = f"so much {about} tonight\neach node hears it, none alone\na task finds its end\n"
    for line in poem.splitlines(keepends=True):
        for word in line.split(" "):
            if task.is_cancelled:
                return
            # While it waits here, the node works on other tasks.
            await asyncio.sleep(0.08)
            yield word if word.endswith("\n") else f"{word} "


# With process=True a plain function runs in a process of its own: it may use a whole core, and is
# ended for good where the task is cancelled or takes too long. It gets the payload alone.
@handles("primes", process=True)
def primes(payload: dict[str, Any]) -> dict[str, Any]:
    """Count the prime numbers below a number."""
    below = int(payload.get("below", 100))
    is_prime = bytearray([1]) * max(2, below)
    is_prime[0:2] = b"\0\0"
    for number in range(2, int(below**0.5) + 1):
        if is_prime[number]:
            is_prime[number * number :: number] = bytes(len(is_prime[number * number :: number]))
    return {"below": below, "primes": sum(is_prime[:below])}
