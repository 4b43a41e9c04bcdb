"""Which memory nodes keep a shard: two of those that are there, chosen by rendezvous hashing.

Every node gets a score for every shard; the two highest keep it. When a node goes, only the shards
that it kept move, and each to whoever scored next; when one comes, it takes only those where it
scores higher. Nobody has to agree on anything but who is there.

Source: Thaler and Ravishankar, "Using name-based mappings to increase hit rates", 1998.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from hashlib import blake2b
from typing import Final

from .identity import SHARDS

COPIES: Final = 2


def owners(shard: int, members: Iterable[str]) -> tuple[str, ...]:
    """Who keeps a shard, the first owner first; all members, if there are fewer than two.

    Args:
        shard: 0 to ``SHARDS`` - 1.
        members: Ids of the memory nodes that are there; their order does not matter.
    """
    ranked = sorted(set(members), key=lambda member: (_score(shard, member), member), reverse=True)
    return tuple(ranked[:COPIES])


def shards_by_owner(members: Collection[str]) -> Mapping[str, frozenset[int]]:
    """For each member the shards that it keeps."""
    kept: dict[str, set[int]] = {member: set() for member in members}
    for shard in range(SHARDS):
        for owner in owners(shard, members):
            kept[owner].add(shard)
    return {member: frozenset(shards) for member, shards in kept.items()}


def _score(shard: int, member: str) -> bytes:
    # Half characters cannot be said in UTF-8, and a node may be called anything.
    name = member.encode("utf-8", "backslashreplace")
    return blake2b(b"%d/%s" % (shard, name), digest_size=8).digest()
