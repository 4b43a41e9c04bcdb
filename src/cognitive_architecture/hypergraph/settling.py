"""Asks memory nodes until all that matter have answered, and see the same nodes to be there.

Whoever asks and whoever answers may each have heard of a node that the other has not heard of yet;
and then they disagree about who owns what.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from cognitive_architecture.foundation.world import Clock

from .asking import Asking, NodeGone
from .errors import NoMemoryNode, NotSettled

Answer = Mapping[str, Any]
Question = tuple[str, Mapping[str, Any]]
"""Which memory node, and what it is asked."""

_PAUSE_S: Final = 0.1
_AT_ONCE: Final = 3
"""Questions on their way to one memory node: one at work, one on its way, one commit."""


class Settling:
    """Asks again while memory nodes come and go."""

    def __init__(self, asking: Asking, clock: Clock) -> None:
        self._asking = asking
        self._clock = clock

    async def members(self) -> frozenset[str]:
        """The memory nodes that are there, at least one.

        Raises:
            NoMemoryNode: No node of the mesh keeps atoms.
            MeshError: No orchestrator answers.
        """
        members = await self._asking.members()
        if not members:
            members = await self._asking.members(fresh=True)
        if not members:
            raise NoMemoryNode(
                "no node of the mesh keeps atoms: start one with "
                "'cogmesh node --atomspace DIR', or register one that offers atomspace"
            )
        return members

    async def pause(self) -> None:
        """Wait a moment, and look again who is there."""
        await self._clock.sleep_until(self._clock.now() + _PAUSE_S)
        await self._asking.members(fresh=True)

    async def settled(
        self, questions: Callable[[frozenset[str]], list[Question]], patience_s: float
    ) -> tuple[Sequence[Answer], frozenset[str]]:
        """Ask owners until all of them answer and see the same memory nodes as it is seen here.

        Returns:
            The answers in the order of the questions, and the memory nodes.

        Raises:
            NotSettled: That did not come about in time.
        """
        done: dict[int, Answer] = {}
        asked: list[Question] = []
        members: frozenset[str] = frozenset()
        heard_at = self._clock.now()
        while True:
            before, members = members, await self.members()
            if members != before:
                asked, done = questions(members), {}
            view = sorted(members)
            missing = [place for place in range(len(asked)) if place not in done]
            answers = await self.ask_each([asked[place] for place in missing], patience_s)
            for place, answer in zip(missing, answers, strict=True):
                if answer is not None and answer["view"] == view:
                    done[place] = answer
                    heard_at = self._clock.now()
            if len(done) == len(asked):
                return [done[place] for place in range(len(asked))], members
            if self._clock.now() >= heard_at + patience_s:
                raise NotSettled(
                    f"the owners of these atoms did not all answer within {patience_s:g} s, for "
                    "memory nodes come and go; a write may be kept by some of them: write again, "
                    "it does no harm"
                )
            await self.pause()

    async def ask_each(
        self, questions: Sequence[Question], timeout_s: float
    ) -> list[dict[str, Any] | None]:
        """All answers in order, ``None`` where a node is gone; few at once for each node.

        More would not be faster: a node does one after the other, and those that wait would time
        out, be given out again, and keep it from ever catching up.
        """
        rooms = {node: asyncio.Semaphore(_AT_ONCE) for node, _ in questions}

        async def one(node: str, said: Mapping[str, Any]) -> dict[str, Any] | None:
            async with rooms[node]:
                return await self._asked(node, said, timeout_s)

        asking = [asyncio.ensure_future(one(node, said)) for node, said in questions]
        try:
            return await asyncio.gather(*asking)
        except BaseException:
            for other in asking:
                other.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
            raise

    async def _asked(
        self, node: str, payload: Mapping[str, Any], left_s: float
    ) -> dict[str, Any] | None:
        try:
            return await self._asking.ask(node, payload, timeout_s=left_s)
        except NodeGone:
            return None

    async def ask_all(
        self, payloads: Mapping[str, Mapping[str, Any]], left_s: float
    ) -> dict[str, dict[str, Any]]:
        """The answers of those that answered."""
        nodes = sorted(payloads)
        answers = await self.ask_each([(node, payloads[node]) for node in nodes], left_s)
        return {
            node: answer for node, answer in zip(nodes, answers, strict=True) if answer is not None
        }
