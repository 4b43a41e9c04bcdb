"""Which memory nodes there have ever been, as each of them remembers it.

A shard is complete at a node when nobody who might know more of it is missing. So a node must not
forget that others exist only because they are not there; what it has seen is kept beside the atoms.
Whoever is gone for good is *dismissed*; if it comes back it is a member again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cognitive_architecture.atomspace import AtomSpace, Node, StringValue

from .errors import BadBundle
from .stamps import require_stamp

KEEPER: Final = "Keeper"
SEEN: Final = "@seen"
MEMBERS_MAX: Final = 10_000

Standing = tuple[str, bool]
"""When something was last said of a node, and whether it is a member."""


class Roster:
    """The memory nodes that one of them knows of.

    Args:
        space: Of its replica; who listens to it keeps what is done here.
    """

    def __init__(self, space: AtomSpace) -> None:
        self._space = space
        self._known: dict[str, Standing] = {}
        for atom in space.atoms(KEEPER):
            said = space.value(atom, SEEN)
            if isinstance(atom, Node) and isinstance(said, StringValue):
                stamp, standing = said.values
                self._known[atom.name] = (stamp, standing == "member")

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, name: str) -> bool:
        """Whether it was ever seen."""
        return name in self._known

    @property
    def members(self) -> frozenset[str]:
        """All that were ever seen and not dismissed."""
        return frozenset(name for name, (_, is_member) in self._known.items() if is_member)

    def say(self, name: str, stamp: str, *, is_member: bool) -> bool:
        """Take note of one node.

        Returns:
            Whether that is news.
        """
        if (stamp, is_member) <= self._known.get(name, ("", False)):
            return False
        self._known[name] = (stamp, is_member)
        keeper = self._space.node(KEEPER, name)
        self._space.set_value(keeper, SEEN, StringValue((stamp, _word(is_member=is_member))))
        return True

    def welcome(self, name: str, stamp: str) -> bool:
        """Take note that a node is there, unless that is known.

        Returns:
            Whether that is news.
        """
        return name not in self.members and self.say(name, stamp, is_member=True)

    def said(self) -> dict[str, list[object]]:
        """All of it as JSON values."""
        return {name: list(standing) for name, standing in self._known.items()}

    def hear(self, said: object) -> bool:
        """Take note of what another node knows.

        Returns:
            Whether any of it is news.

        Raises:
            BadBundle: It is not what ``said`` gives.
        """
        if not isinstance(said, Mapping) or len(said) > MEMBERS_MAX:
            raise BadBundle("a roster is an object of at most 10,000 names")
        news = False
        for name, standing in said.items():
            match standing:
                case [str(stamp), bool(is_member)] if isinstance(name, str):
                    require_stamp(stamp)
                    news |= self.say(name, stamp, is_member=is_member)
                case _:
                    raise BadBundle("a roster says of each name a stamp, and true or false")
        return news


def _word(*, is_member: bool) -> str:
    return "member" if is_member else "dismissed"
