"""Hebbian links as bytes, one piece for each source."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Final

import numpy as np

from cognitive_architecture.attention import HebbianLinks, JournalDamaged
from cognitive_architecture.attention.units import Ints

_COUNT: Final = struct.Struct("<I")
_BYTES_OF_ONE: Final = 4 + 8 + 8


def packed(links: HebbianLinks, sources: Ints) -> dict[int, bytes]:
    """The links from some sources, different ones; nothing for those that have none."""
    pieces = dict.fromkeys(sources.tolist(), b"")
    found = links.of(np.sort(sources))
    ends = np.searchsorted(found.sources, sources, side="right")
    starts = np.searchsorted(found.sources, sources, side="left")
    for source, start, end in zip(sources.tolist(), starts.tolist(), ends.tolist(), strict=True):
        if end > start:
            pieces[source] = b"".join(
                (
                    _COUNT.pack(end - start),
                    found.targets[start:end].astype("<u4").tobytes(),
                    found.strengths[start:end].astype("<f8").tobytes(),
                    found.confidences[start:end].astype("<f8").tobytes(),
                )
            )
    return pieces


def unpacked(pieces: Mapping[int, bytes], links_max: int) -> HebbianLinks:
    """The links that these bytes were made of.

    A source that has more than ``links_max``, kept when more were allowed, keeps the strongest.

    Raises:
        JournalDamaged: No version of this program writes such bytes.
    """
    columns = [_columns(source, piece, links_max) for source, piece in pieces.items() if piece]
    links = HebbianLinks(links_max)
    if columns:
        sources, targets, strengths, confidences = (
            np.concatenate(column) for column in zip(*columns, strict=True)
        )
        links.load(sources, targets, strengths, confidences)
    return links


def _columns(
    source: int, piece: bytes, links_max: int
) -> tuple[
    Ints,
    Ints,
    np.ndarray[tuple[int], np.dtype[np.float64]],
    np.ndarray[tuple[int], np.dtype[np.float64]],
]:
    count = _COUNT.unpack_from(piece)[0] if len(piece) >= _COUNT.size else -1
    if len(piece) != _COUNT.size + _BYTES_OF_ONE * count:
        raise JournalDamaged(
            f"the Hebbian links of account {source} are {len(piece):,} bytes that no version of "
            "this program writes"
        )
    at = _COUNT.size
    targets = np.frombuffer(piece, "<u4", count, at).astype(np.int64)
    strengths = np.frombuffer(piece, "<f8", count, at + 4 * count).astype(np.float64)
    confidences = np.frombuffer(piece, "<f8", count, at + 12 * count).astype(np.float64)
    if not (np.isfinite(strengths).all() and np.isfinite(confidences).all()):
        raise JournalDamaged(f"the Hebbian links of account {source} hold what is no number")
    best = np.sort(np.argsort(-strengths * confidences, kind="stable")[:links_max])
    sources = np.full(len(best), source, dtype=np.int64)
    return sources, targets[best], strengths[best], confidences[best]
