"""What an address is, the same on every fabric."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, unquote

from cognitive_architecture.foundation.errors import FabricError
from cognitive_architecture.foundation.sentences import shown

_KIND: Final = re.compile(r"[A-Za-z0-9_-]+")


def split_address(address: str) -> tuple[str, str]:
    """Kind and name of an address.

    Raises:
        FabricError: It is none, so nobody can ever listen at it.
    """
    kind, _, name = address.partition("/")
    # A name may come from a stranger: half a character cannot travel, anything else can.
    if not _KIND.fullmatch(kind) or not name or any("\ud800" <= sign <= "\udfff" for sign in name):
        raise FabricError(f"an address is kind/name, such as node/n1, not {shown(address)}")
    return kind, name


def as_key(address: str) -> str:
    """An address as the end of a key that is no pattern.

    In a key ``*`` and ``$*`` match the names of others, ``/`` begins another level, ``@`` hides
    from patterns, and ``?`` and ``#`` are forbidden; in a name they are only signs.

    Raises:
        FabricError: It is no address.
    """
    kind, name = split_address(address)
    return f"{kind}/{quote(name, safe='~')}"


def from_key(key: str) -> str:
    """The address that ``as_key`` made a key of."""
    kind, _, name = key.partition("/")
    return f"{kind}/{unquote(name)}"
